# Table 35 of ridges.csv: brute force stops short at the upper end of sigma. Its own deviance at that end, with the other three parameters
# where helpers.profiled finds the lowest value, is below the quantile, so the interval goes on. Run in this folder: Rscript ridge_35.R; it
# writes ridge_35.json.
suppressMessages(library(jsonlite)); source("brute.R")
head <- readLines("ridges.R"); eval(parse(text = head[seq(grep("^m <- 8", head), grep("^set.seed", head) - 1)]))  # deviance_of
data <- read.csv("ridges.csv"); d <- data[data$table == 35, ]; dev <- deviance_of(matrix(d$y, n, m))
stored <- fromJSON("ridges.json", simplifyVector = FALSE)$tables[[35]]; end <- stored$high$sigma
point <- c(sd1 = 0.36094818329, sd2 = 0.15553349238, rho = -1)
search <- lowest(dev, c(sigma = end), sd(d$y))
write_json(list(R = R.version.string, table = 35, sigma = end, point = as.list(point), rise_by_search = search - stored$deviance,
                rise_at_point = do.call(dev, as.list(c(point, sigma = end))) - stored$deviance, quantile = rise),
           "ridge_35.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
