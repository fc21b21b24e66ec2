#include "evaluate/optimization.h"

#include <gtest/gtest.h>

#include "ir/node.h"
#include "ir/text.h"

namespace mote::evaluate {
namespace {

// A convolution that shares its weights with a second one, a batch norm, a channel that is read by
// zeros, and a Relu.
Graph graph_with_dead_channel() {
  return parse(R"(graph g
input x: float32[1, 2, 2, 2]
  w: float32[2, 1, 1, 2] = [1, 2, 3, 4]
a: float32[1, 2, 2, 2] = Conv2D(x, w)
b: float32[1, 2, 2, 2] = Conv2D(a, w)
  p: float32[2] = [1, 2]
n: float32[1, 2, 2, 2] = BatchNorm(b, p, p, p, p)
r: float32[1, 2, 2, 2] = Relu(n)
  v: float32[1, 1, 1, 2] = [5, 0]
y: float32[1, 2, 2, 1] = Conv2D(r, v)
output y
)",
               {}, "g");
}

TEST(SizeOf, CountsWhatCanBeCountedByHand) {
  EXPECT_EQ(size_of(graph_with_dead_channel()), (NetworkSize{.nodes = 5,
                                                             .channels = 2 + 2 + 1,
                                                             .weights = 4 + 4 + 2,
                                                             .macs = 4 * (4 + 4 + 2),
                                                             .weight_bytes = 4 * (4 + 2 + 2)}));
}

TEST(Optimize, SaysWhatEachPassDid) {
  const Optimization result = optimize(graph_with_dead_channel());
  EXPECT_EQ(result.before, size_of(graph_with_dead_channel()));
  EXPECT_EQ(result.after, size_of(result.graph));
  EXPECT_EQ(result.after.channels, 2 + 1 + 1);
  EXPECT_EQ(result.after.weights, 4 + 2 + 1);
  EXPECT_EQ(result.removed_channels(), 1);
  NetworkSize size = result.before;
  for (const PassEffect& pass : result.passes) {
    EXPECT_EQ(pass.before, size);
    EXPECT_TRUE(pass.report.changed || pass.after == size) << pass.report.name;
    EXPECT_EQ(pass.after.nodes, pass.before.nodes - (pass.report.name == "fold_batch_norm" ||
                                                     pass.report.name == "fuse_activation"))
        << pass.report.name;
    EXPECT_EQ(pass.after.channels < pass.before.channels,
              pass.report.name == "eliminate_dead_float_channels")
        << pass.report.name;
    size = pass.after;
  }
  EXPECT_EQ(size, result.after);
}

TEST(NotOptimized, IsTheGraphAsItIs) {
  const Optimization result = not_optimized(graph_with_dead_channel());
  EXPECT_EQ(result.graph, graph_with_dead_channel());
  EXPECT_EQ(result.after, result.before);
  EXPECT_EQ(result.removed_channels(), 0);
  EXPECT_TRUE(result.passes.empty());
}

}  // namespace
}  // namespace mote::evaluate
