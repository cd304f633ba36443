CREATE OR REPLACE TEMP TABLE differences (
    product_id VARCHAR,
    column_names VARCHAR[]
);
