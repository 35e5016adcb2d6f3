# Writes data/tooth_growth.csv from R's own copy (package datasets). Run in this folder: Rscript tooth_growth.R
# Changes: columns and levels are named in full, and each animal has a name, its place in R's table.
pigs <- data.frame(
  animal = sprintf("pig%02d", seq_len(nrow(ToothGrowth))),
  delivery = ifelse(ToothGrowth$supp == "OJ", "orange juice", "ascorbic acid"),
  dose = sprintf("%g mg", ToothGrowth$dose),
  length = ToothGrowth$len
)
write.csv(pigs, "../tooth_growth.csv", row.names = FALSE, quote = FALSE)
