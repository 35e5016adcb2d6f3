# lme4's own profile intervals of log(length) ~ condition + (1 + condition | replicate) for gene C, beside ridges_lengths.json.
# Run in this folder: Rscript confint_gene_c.R; it writes confint_gene_c.json (6 s of CPU; genes A and B have many more rows).
suppressMessages({library(lme4); library(jsonlite)})
data <- read.csv(gzfile("../../../data/modification_lengths.csv.gz")); data$condition <- factor(data$condition, c("NO DRUG", "DRUG"))
fit <- suppressMessages(lmer(log(length) ~ condition + (1 + condition | replicate), data[data$gene_name == "C", ], REML = FALSE,
                             control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9))))
found <- suppressWarnings(confint(fit, parm = "theta_", oldNames = FALSE, quiet = TRUE))
write_json(list(R = R.version.string, lme4 = as.character(packageVersion("lme4")), intervals = cbind(name = rownames(found),
  setNames(as.data.frame(found), c("low", "high")))), "confint_gene_c.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
