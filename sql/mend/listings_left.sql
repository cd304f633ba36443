-- The listings of products that their last record says have gone.
UPDATE product_categories AS listing
SET delisted_at = coalesce(standing.delisted_at, standing.changed_at)
FROM standings AS standing
WHERE
    listing.product_id = standing.product_id
    AND NOT standing.was_available
    AND listing.delisted_at IS NULL
    AND (NOT standing.leaves_one OR listing.category = standing.category);
