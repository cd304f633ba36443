SELECT count(*) FROM overtaken;
