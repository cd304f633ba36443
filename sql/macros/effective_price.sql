-- effective_price(special_price, selling_price): what a shopper pays, or null where nobody knows.
-- The special price goes first; 0 means unknown to the vendor and is never a price.
CREATE OR REPLACE MACRO effective_price(special, selling) AS
coalesce(nullif(special, 0), nullif(selling, 0));
