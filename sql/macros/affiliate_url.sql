-- affiliate_url(product_url, affid, sub1, sub2): the link with this affid and these sub-ids, and
-- with nobody else's; the sub-ids may be left out. It follows feeds/link.py to the letter, with
-- one difference: a link that is refused there is null here, so that one row does not end a
-- query. A malformed affid or sub-id is an error.

-- Whether a link is the shop's, no short link, holds nothing invisible and no affid that is glued
-- on. (?-i:) keeps out the two letters beyond ASCII that ignoring case would let in as an s and a k.
CREATE OR REPLACE MACRO is_shop_link(url) AS
regexp_full_match(
    url,
    '(?is)(http://((www|dl)\.)?flip(?-i:[Kk])art\.com\.?(:|:80)?'
    || '|http(?-i:[Ss])://((www|dl)\.)?flip(?-i:[Kk])art\.com\.?(:|:443)?)([/?#].*)?'
)
AND NOT regexp_matches(replace(url, ' ', ''), invisible())
AND NOT is_short_link(url)
AND NOT regexp_matches(
    url, '(?i)^[^?#]*(affid=|\?([^#]*&)?(pid=[^&;#]*affid=|affid=[^&;#]*[?=]))'
);

-- The link without anybody's ids; null where it is refused.
CREATE OR REPLACE MACRO clean_shop_link(url) AS
CASE
    WHEN is_usual_link(url) THEN url
    ELSE list_transform(
        [with_plain_signs(url)],
        lambda plain: CASE WHEN is_shop_link(plain) THEN stripped(without_ids(plain)) END
    )[1]
END;

CREATE OR REPLACE MACRO tracking_parameter(name, value) AS
CASE
    WHEN regexp_full_match(value::VARCHAR, '[A-Za-z0-9_.-]{1,100}') THEN name || '=' || value
    ELSE error(
        name || ' cannot stand in a link; use 1 to 100 letters, digits, dots, dashes and underscores'
    )
END;

-- A link of the shop's put together anew, its empty parameters left out.
CREATE OR REPLACE MACRO rebuilt_link(url, affid, sub1, sub2) AS
'https://'
|| lower(regexp_extract(url, '//([A-Za-z.]*[A-Za-z])', 1))
|| '/'
|| regexp_extract(split_part(split_part(url, '#', 1), '?', 1), '//[^/]*/(.*)$', 1)
|| '?'
|| concat_ws(
    '&',
    nullif(
        array_to_string(
            list_filter(
                string_split(regexp_extract(url, '^[^?#]*\?([^#]*)', 1), '&'),
                lambda parameter: parameter <> ''
            ),
            '&'
        ),
        ''
    ),
    tracking_parameter('affid', affid),
    CASE WHEN sub1 IS NOT NULL THEN tracking_parameter('affExtParam1', sub1) END,
    CASE WHEN sub2 IS NOT NULL THEN tracking_parameter('affExtParam2', sub2) END
)
|| CASE WHEN regexp_matches(url, '#.') THEN url[position('#' IN url):] ELSE '' END;

-- What cannot stand in a URL is escaped; what is escaped already stays.
CREATE OR REPLACE MACRO escaped_link(url) AS
array_to_string(
    list_transform(
        regexp_extract_all(
            url,
            '%[0-9A-Fa-f]{2}|%|[A-Za-z0-9._~!$&''()*+,;=:@/?#-]+'
            || '|[^A-Za-z0-9._~!$&''()*+,;=:@/?#%-]+'
        ),
        lambda piece: CASE
            WHEN regexp_matches(piece, '^(%.|[A-Za-z0-9._~!$&''()*+,;=:@/?#-])') THEN piece
            ELSE url_encode(piece)
        END
    ),
    ''
);

CREATE OR REPLACE MACRO tracked_link(url, affid, sub1, sub2) AS
list_transform(
    [clean_shop_link(url)],
    lambda kept: CASE
        WHEN kept IS NULL THEN NULL
        WHEN regexp_full_match(kept, '(%[0-9A-Fa-f]{2}|[A-Za-z0-9._~!$&''()*+,;=:@/?#-])*')
            THEN rebuilt_link(kept, affid, sub1, sub2)
        ELSE escaped_link(rebuilt_link(kept, affid, sub1, sub2))
    END
)[1];

-- Three of them and no defaults: the lake would keep a default of null as the text NULL.
CREATE OR REPLACE MACRO affiliate_url
(product_url, affid) AS tracked_link(product_url, affid, NULL, NULL),
(product_url, affid, sub1) AS tracked_link(product_url, affid, sub1, NULL),
(product_url, affid, sub1, sub2) AS tracked_link(product_url, affid, sub1, sub2);
