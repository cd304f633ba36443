-- clean_product_url(url): the link in the one form in which product_url holds it: nobody's link,
-- with & spelled as itself and nothing invisible at its ends. Null for a short link, which leads to
-- whoever made it. It follows feeds/product_url.py to the letter; what each part is for stands there.

CREATE OR REPLACE MACRO invisible() AS
'[\x00-\x20\x7f-\x{a0}\x{ad}\x{34f}\x{61c}\x{115f}\x{1160}\x{1680}\x{17b4}\x{17b5}'
|| '\x{180b}-\x{180f}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{206f}\x{3000}\x{3164}'
|| '\x{fe00}-\x{fe0f}\x{feff}\x{ffa0}\x{fff0}-\x{fff8}\x{1bca0}-\x{1bca3}'
|| '\x{1d173}-\x{1d17a}\x{e0000}-\x{e0fff}]';

-- stripped(text): the text without what nobody sees at its ends, as in feeds/invisible.py.
CREATE OR REPLACE MACRO stripped(text) AS
regexp_replace(text, '\A' || invisible() || '+|' || invisible() || '+\z', '', 'g');

CREATE OR REPLACE MACRO with_plain_signs(url) AS
regexp_replace(
    regexp_replace(stripped(url), '(?i:&|\\u0026)(?i:amp;|#0*38;|#x0*26;)*', '&', 'g'),
    '(?i:&#0*61;|&#x0*3d;|\\u003d)',
    '=',
    'g'
);

-- What nearly every link looks like that is in its one form: it need not be taken apart.
CREATE OR REPLACE MACRO is_usual_link(url) AS
regexp_full_match(
    url,
    'https?://(?:dl|www)\.flipkart\.com/(?:dl/)?[A-Za-z0-9_-]{2,}/p/[A-Za-z0-9_-]+'
    || '\?pid=[A-Za-z0-9]+(?:&[b-zB-Z][A-Za-z0-9_]*=[A-Za-z0-9_.-]*)*'
);

CREATE OR REPLACE MACRO id_separator() AS
'(?i:(?:&|%(?:25)*26)(?:amp(?:;|%(?:25)*3b))*|[;?#]|%(?:25)*(?:3b|3f|23))';

CREATE OR REPLACE MACRO is_tracking_piece(piece) AS
coalesce(
    regexp_full_match(
        try(url_decode(url_decode(url_decode(string_split_regex(piece, '(?i:=|%(?:25)*3d)')[1])))),
        '[\x00-\x20+]*(?i:affid|affextparam[0-9]*)(?:\[[^\]]*\])*[\x00-\x20+]*'
    ),
    false
);

-- The pieces of a part that are nobody's id, each with the separator before it.
CREATE OR REPLACE MACRO joined_pieces(part) AS
array_to_string(
    list_transform(
        list_zip(
            [''] || regexp_extract_all(part, id_separator()),
            string_split_regex(part, id_separator())
        ),
        lambda piece: CASE
            WHEN NOT is_tracking_piece(piece[2])
                THEN piece[1] || regexp_replace(
                    piece[2],
                    '(?s)^((?i:pid(?:=|%(?:25)*3d))[A-Za-z0-9]*?|[A-Za-z]+://.*?)[^A-Za-z0-9/]*'
                    || '(?i:affid|affextparam[0-9]*)(?i:=|%(?:25)*3d).*',
                    '\1'
                )
            WHEN regexp_full_match(piece[1], '(?i:%(?:25)*(?:3f|23))') THEN piece[1]
            ELSE ''
        END
    ),
    ''
);

-- Where the first parameter of a link inside the link was an id, the second becomes the first.
CREATE OR REPLACE MACRO without_opened(kept) AS
regexp_replace(
    kept,
    '(?i:(%(?:25)*(?:3f|23))(?:%(?:25)*26(?:amp(?:;|%(?:25)*3b))*|%(?:25)*3b)+)',
    '\1',
    'g'
);

-- A query or a fragment with its sign; empty where nothing but ids was in it.
CREATE OR REPLACE MACRO rejoined_part(sign, kept) AS
regexp_replace(
    sign || regexp_replace(
        regexp_replace(
            regexp_replace(kept, '^[?#]?[&;]*', ''),
            '((?:^|[&;])(?i:pid)=[A-Za-z0-9]+)(?i:%(?:25)*(?:26|3b|3f|23))+[&;]*',
            '\1&',
            'g'
        ),
        '(?i:[&;?#]|%(?:25)*(?:3f|23))+\z',
        ''
    ),
    '^[?#]$',
    ''
);

-- A link with plain signs without anybody's ids: its path, its query and its fragment, each of them
-- cut at its separators. A list of one member gives a value a name.
CREATE OR REPLACE MACRO without_ids(url) AS
array_to_string(
    list_transform(
        regexp_extract_all(url, '(?s)[^?#]+|\?[^#]*|#.*'),
        lambda part: list_transform(
            [joined_pieces(part)],
            lambda kept: CASE
                WHEN kept = part THEN part
                WHEN part[1] IN ('?', '#') THEN rejoined_part(part[1], without_opened(kept))
                ELSE without_opened(kept)
            END
        )[1]
    ),
    ''
);

CREATE OR REPLACE MACRO link_host(url) AS
lower(
    regexp_extract(
        url,
        '(?s)^(?:[Hh][Tt][Tt][Pp][Ss]?://)?([A-Za-z0-9.-]+?)\.?(?::[0-9]*)?(?:[/?#].*)?$',
        1
    )
);

-- A short or share link: it hides whose it is. The hosts are SHORT_HOSTS of feeds/product_url.py.
CREATE OR REPLACE MACRO is_short_link(url) AS
regexp_full_match(
    link_host(url),
    '(?:[a-z0-9-]+\.)*(?:amzn\.in|amzn\.to|bit\.ly|bitli\.in|clnk\.in|cutt\.ly|earnkaro\.com'
    || '|ekaro\.in|extp\.in|fkrt\.cc|fkrt\.co|fkrt\.it|fkrt\.site|fktr\.in|inr\.deals'
    || '|linkredirect\.in|tinyurl\.com)'
)
OR regexp_full_match(link_host(url), '(?:(?:dl|www)\.)?flipkart\.com')
AND regexp_full_match(
    url, '(?s)(?:[Hh][Tt][Tt][Pp][Ss]?://)?[A-Za-z0-9.:-]+/+(?:[Dd][Ll]/+)?[Ss]/.*'
);

CREATE OR REPLACE MACRO clean_product_url(url) AS
CASE
    WHEN is_usual_link(url) THEN url
    ELSE list_transform(
        [without_ids(with_plain_signs(url))],
        lambda plain: CASE WHEN NOT is_short_link(plain) THEN nullif(stripped(plain), '') END
    )[1]
END;
