# Tables of lme4, MASS, mlmRev, HSAUR3 and glmmTMB as text, and one that is simulated. Run in this folder: Rscript tables.R
# Levels of factors begin with a letter, so that no program takes them for numbers; outcomes of two kinds are 0 and 1.
suppressMessages({library(lme4)}); data(Contraception, package = "mlmRev"); data(Mmmec, package = "mlmRev")
data(toenail, package = "HSAUR3"); data(Salamanders, package = "glmmTMB"); data(bacteria, epil, package = "MASS")
named <- function(letter, x) sprintf("%s%s", letter, x)
save <- function(d, name) write.csv(d, if (grepl("gz$", name)) gzfile(name) else name, row.names = FALSE, quote = FALSE)
save(transform(cbpp, herd = named("h", herd), period = named("p", period), row = named("r", seq_along(herd))), "cbpp.csv")
save(with(grouseticks, data.frame(index = named("i", INDEX), ticks = TICKS, brood = named("b", BROOD), location = named("l", LOCATION),
  year = named("y", YEAR), height = (HEIGHT - 460) / 100)), "grouseticks.csv")
save(with(VerbAgg, data.frame(r2 = as.integer(r2 == "Y"), anger = Anger, gender = Gender, btype, situ, item, id = named("p", id))),
  "verbagg.csv.gz")
save(with(epil, data.frame(y, trt, base, lbase, lage, V4, visit = (2 * period - 5) / 10, subject = named("s", subject))), "epil.csv")
save(with(bacteria, data.frame(y = as.integer(y == "y"), trt = gsub("+", "_plus", trt, fixed = TRUE), late = as.integer(week > 2), id = ID)),
  "bacteria.csv")
save(with(toenail, data.frame(severe = as.integer(outcome == "moderate or severe"), treatment, time, patient = named("p", patientID))),
  "toenail.csv")
save(with(Contraception, data.frame(use = as.integer(use == "Y"), age = age / 10, urban, livch = named("c", substr(livch, 1, 1)),
  district = named("d", district))), "contraception.csv")
save(with(Salamanders, data.frame(count, mined, spp = gsub("-", "_", spp), cover, DOY, site, sample = named("s", sample))), "salamanders.csv")
save(with(Mmmec, data.frame(deaths, expected, uvb, nation = gsub(".", "_", nation, fixed = TRUE), region = named("r", region))), "melanoma.csv")
set.seed(20)
g <- rep(1:24, each = 10); x <- round(rnorm(240), 3); b <- rnorm(24); s <- 0.2 * rnorm(24)
level <- 20 + 3 * x + 2 * b[g]
save(data.frame(group = named("g", g), x, treated = ifelse(g %% 2 == 0, "no", "yes"), n = rpois(240, level),
  size = round(rgamma(240, 4, 4 / exp(1 + 0.3 * x + 0.4 * b[g] + s[g] * x)), 4)), "simulated.csv")
