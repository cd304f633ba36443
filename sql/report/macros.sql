-- What every list of the report says of a product: where it is sold, and a small picture of it.

-- The link earns where an affid is known. One that is not the shop's is left out.
CREATE OR REPLACE TEMP MACRO report_link(product_id, product_url) AS
CASE
    WHEN getvariable('affid') IS NOT NULL
        THEN tracked_link(
            coalesce(product_url, canonical_url(product_id)),
            getvariable('affid'),
            getvariable('sub1'),
            NULL
        )
    WHEN product_url IS NULL THEN canonical_url(product_id)
    ELSE regexp_replace(clean_shop_link(product_url), '^(?i)https?:', 'https:')
END;

CREATE OR REPLACE TEMP MACRO report_picture(image_urls) AS
coalesce(
    image_urls['200x200'],
    image_urls['275x275'],
    image_urls['400x400'],
    image_urls['125x125'],
    image_urls['100x100'],
    image_urls['unknown'],
    map_values(image_urls)[1]
);
