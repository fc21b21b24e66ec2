#include "evaluate/latency.h"

#include <numeric>

#include <gtest/gtest.h>

#include "base/error.h"
#include "datasets/dataset.h"
#include "zoo/zoo.h"

namespace mote::evaluate {
namespace {

TEST(Latency, PercentilesAreDurationsThatOccurred) {
  std::vector<double> hundred(100);
  std::iota(hundred.rbegin(), hundred.rend(), 1.0);  // 100, 99, ..., 1
  const Latency latency = summarize(hundred);
  EXPECT_EQ(latency.runs, 100);
  EXPECT_EQ(latency.threads, 1);
  EXPECT_EQ(latency.p10_us, 10);
  EXPECT_EQ(latency.median_us, 50);
  EXPECT_EQ(latency.p90_us, 90);
  const Latency three = summarize({7, 5, 1000});
  EXPECT_EQ(three.p10_us, 5);
  EXPECT_EQ(three.median_us, 7);
  EXPECT_EQ(three.p90_us, 1000);
  EXPECT_EQ(summarize({3}).p10_us, 3);
  EXPECT_THROW(summarize({}), Error);
}

TEST(Latency, MeasuresAtLeastOneRun) {
  const Graph graph = zoo::build("custom?width=0.3", {.input = {28, 28, 1}, .classes = 10});
  const datasets::Split samples = datasets::load("glyphs").test;
  const Latency one = measure_latency(graph, samples, {.engine = "reference", .seconds = 0});
  EXPECT_EQ(one.engine, "reference");
  EXPECT_EQ(one.runs, 1);
  EXPECT_GT(one.p10_us, 0);
  const Latency some = measure_latency(graph, samples, {.most_runs = 5});
  EXPECT_EQ(some.engine, "native");
  EXPECT_LE(some.runs, 5);
  EXPECT_LE(some.p10_us, some.median_us);
  EXPECT_LE(some.median_us, some.p90_us);
  EXPECT_THROW(measure_latency(graph, samples, {.engine = "no such engine"}), Error);
}

}  // namespace
}  // namespace mote::evaluate
