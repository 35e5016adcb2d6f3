# Fixed parts whose columns add up: what lme4 drops, lmerTest's tables, and what emmeans can estimate, at a tight optimum.
# Run in this folder: Rscript rank.R; it writes rank.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
ham <- read.csv("../anova/ham.csv", stringsAsFactors = TRUE)
ham <- ham[!(ham$Product == "p2" & ham$Information == "yes") & !(ham$Product == "p4" & ham$Information == "no"), ]
ham$Years <- ham$Age / 2 + 3
one <- function(formula) {
  f <- suppressMessages(lmer(as.formula(formula), ham, control = control))
  print(attr(getME(f, "X"), "col.dropped"))
  out <- list(formula = formula, REMLcrit = REMLcrit(f), dropped = names(attr(getME(f, "X"), "col.dropped")),
    satterthwaite = rows(coef(summary(f))), kenward_roger = rows(coef(summary(f, ddf = "Kenward-Roger"))),
    type1 = rows(anova(f, type = 1)), type1_KR = rows(anova(f, type = 1, ddf = "Kenward-Roger")), drop1 = rows(drop1(f, ddf = "Kenward-Roger")))
  try(out$type2_KR <- rows(anova(f, type = 2, ddf = "Kenward-Roger")))
  print(out$drop1); print(out$type2_KR); list(f, out)
}
crossed <- one("Informed.liking ~ Product * Information + Age + (1 | Consumer)"); f <- crossed[[1]]; crossed <- crossed[[2]]
e <- emmeans(f, ~ Product * Information, lmer.df = "satterthwaite")
crossed$cells <- as.data.frame(e); crossed$over <- as.data.frame(emmeans(f, ~ Product, lmer.df = "satterthwaite"))
crossed$pairs <- as.data.frame(pairs(emmeans(f, ~ Information | Product, lmer.df = "satterthwaite"), reverse = TRUE))
crossed$holm <- as.data.frame(pairs(emmeans(f, ~ Product | Information, lmer.df = "satterthwaite"), reverse = TRUE, adjust = "holm"))
crossed$tukey <- as.data.frame(pairs(emmeans(f, ~ Product | Information, lmer.df = "satterthwaite"), reverse = TRUE, adjust = "tukey"))
print(crossed[c("cells", "over", "pairs", "holm", "tukey")])
twice <- one("Informed.liking ~ Product + Age + Years + (1 | Consumer)"); f <- twice[[1]]; twice <- twice[[2]]
twice$means <- as.data.frame(emmeans(f, ~ Product, lmer.df = "satterthwaite"))
twice$elsewhere <- as.data.frame(emmeans(f, ~ Product, at = list(Age = 30, Years = 1), lmer.df = "satterthwaite"))
print(twice[c("means", "elsewhere")])
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest", emmeans = "emmeans"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, crossed = crossed, twice = twice), "rank.json", digits = NA, auto_unbox = TRUE, na = "null")
