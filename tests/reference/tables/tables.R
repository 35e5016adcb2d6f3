# Writes R's classic tables as a person would have them: one .csv each, rows and labels as R holds them.
suppressMessages({library(lme4); library(nlme)})
keep <- list(
  sleepstudy = lme4::sleepstudy, Penicillin = lme4::Penicillin, cake = lme4::cake, Dyestuff2 = lme4::Dyestuff2,
  Orthodont = nlme::Orthodont, Machines = nlme::Machines, Oats = nlme::Oats, Pixel = nlme::Pixel,
  ergoStool = nlme::ergoStool, Rail = nlme::Rail, Assay = nlme::Assay,
  ChickWeight = datasets::ChickWeight, CO2 = datasets::CO2, warpbreaks = datasets::warpbreaks,
  ToothGrowth = datasets::ToothGrowth, PlantGrowth = datasets::PlantGrowth, InsectSprays = datasets::InsectSprays,
  iris = datasets::iris, Loblolly = datasets::Loblolly, chickwts = datasets::chickwts, npk = datasets::npk
)
for (name in names(keep)) {
  table <- as.data.frame(keep[[name]])
  table[] <- lapply(table, function(x) if (is.factor(x)) as.character(x) else x)
  write.csv(table, paste0(name, ".csv"), row.names = FALSE)
}
