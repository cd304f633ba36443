"""The commands of `feedlake`, by what they are about; `flows.cli` gathers them."""
