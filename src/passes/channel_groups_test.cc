#include "passes/channel_groups.h"

#include <gtest/gtest.h>

#include <string>

#include <fmt/format.h>

#include "ir/node.h"
#include "ir/text.h"
#include "ops/verify.h"

namespace mote::passes {
namespace {

// The groups of a graph that may be removed, or that may not: "a0 b0 | a1 b1", each member by its
// value's name and its channel.
std::string groups_of(const std::string& text, bool removable = true) {
  const Graph graph = parse(text, {}, "graph");
  verify(graph, Level::imported);
  std::string result;
  for (const ChannelGroup& group : channel_groups(graph)) {
    if (group.removable != removable) continue;
    if (!result.empty()) result += " |";
    for (const ChannelOf& c : group.members) {
      if (!result.empty()) result += " ";
      result += graph.value(c.value).name + std::to_string(c.channel);
    }
  }
  return result;
}

// `node` makes b of a, whose channels a dense layer makes; another one reads b.
std::string groups_around(const std::string& shape, int channels, const std::string& node,
                          int results, bool removable = true) {
  const auto weights = [](const char* name, int outputs, int inputs) {
    std::string numbers = "1";
    for (int i = 1; i < outputs * inputs; i++) numbers += fmt::format(", {}", i + 1);
    return fmt::format("  {}: float32[{}, {}] = [{}]\n", name, outputs, inputs, numbers);
  };
  const auto with_one_channel = [](std::string of) {
    return of.replace(of.rfind(' ') + 1, std::string::npos, "1]");
  };
  const size_t type = node.find("b: float32") + std::string_view("b: float32").size();
  const std::string made = node.substr(type, node.find(']', type) + 1 - type);
  return groups_of("graph g\ninput x: float32" + with_one_channel(shape) + "\n" +
                       weights("v", channels, 1) + "a: float32" + shape +
                       " = FullyConnected(x, v) {keep_dims: true}\n" + node + "\n" +
                       weights("w", 1, results) + "y: float32" + with_one_channel(made) +
                       " = FullyConnected(b, w) {keep_dims: true}\noutput y\n",
                   removable);
}

TEST(ChannelGroups, EndAtLayers) {
  EXPECT_EQ(groups_of(R"(graph g
input x: float32[1, 2]
  v: float32[3, 2] = [1, 2, 3, 4, 5, 6]
a: float32[1, 3] = FullyConnected(x, v)
b: float32[1, 3] = Relu(a)
  w: float32[2, 3] = [1, 2, 3, 4, 5, 6]
c: float32[1, 2] = FullyConnected(b, w)
  u: float32[2, 2] = [1, 2, 3, 4]
d: float32[1, 2] = FullyConnected(c, u)
output d
)"),
            "a0 b0 | a1 b1 | a2 b2 | c0 | c1");
}

constexpr const char* kResidual = R"(graph g
input x: float32[1, 2, 2, 1]
  v: float32[2, 1, 1, 1] = [1, 2]
stem: float32[1, 2, 2, 2] = Conv2D(x, v)
  w: float32[2, 1, 1, 2] = [1, 2, 3, 4]
r: float32[1, 2, 2, 2] = Conv2D(stem, w)
s: float32[1, 2, 2, 2] = Add(r, stem)
q: float32[1, 2, 2, 2] = Conv2D(s, w)
t: float32[1, 2, 2, 2] = Conv2D(q, w)
u: float32[1, 2, 2, 2] = Add(t, s)
  o: float32[1, 1, 1, 2] = [1, 2]
y: float32[1, 2, 2, 1] = Conv2D(u, o)
output )";

TEST(ChannelGroups, OfResidualNetworksGoThroughAllSums) {
  EXPECT_EQ(groups_of(std::string(kResidual) + "y\n"),
            "stem0 r0 s0 t0 u0 | stem1 r1 s1 t1 u1 | q0 | q1");
}

TEST(ChannelGroups, OfInputsAndOutputsStay) {
  EXPECT_EQ(groups_of(std::string(kResidual) + "y, t\n"), "q0 | q1");
  EXPECT_EQ(groups_of(std::string(kResidual) + "y, t\n", false),
            "x0 | stem0 r0 s0 t0 u0 | stem1 r1 s1 t1 u1 | y0");
}

TEST(ChannelGroups, FollowWhatGoesChannelByChannel) {
  const auto around = [](const std::string& node) {
    return groups_around("[1, 2, 2, 2]", 2, "b: float32[1, 2, 2, 2] = " + node, 2);
  };
  for (const char* op : {"Relu(a)", "Relu6(a)", "LeakyRelu(a)", "Mul(a, a)", "Sub(a, a)"})
    EXPECT_EQ(around(op), "a0 b0 | a1 b1") << op;
  EXPECT_EQ(groups_around("[1, 3, 3, 2]", 2,
                          "b: float32[1, 2, 2, 2] = MaxPool2D(a) {window: 2x2, stride: 1x1}", 2),
            "a0 b0 | a1 b1");
  EXPECT_EQ(groups_around("[1, 2, 2, 2]", 2, "b: float32[1, 2] = Mean(a) {axes: [1, 2]}", 2),
            "a0 b0 | a1 b1");
  EXPECT_EQ(groups_around("[1, 2, 2, 2]", 2,
                          "  p: float32[2] = [1, 2]\n"
                          "b: float32[1, 2, 2, 2] = BatchNorm(a, p, p, p, p)",
                          2),
            "a0 b0 | a1 b1");
}

TEST(ChannelGroups, OfDepthwiseLayersHaveAllThatIsMadeOfOneInput) {
  EXPECT_EQ(groups_of(R"(graph g
input x: float32[1, 1, 1, 1]
  v: float32[2, 1, 1, 1] = [1, 2]
a: float32[1, 1, 1, 2] = Conv2D(x, v)
  d: float32[1, 1, 1, 4] = [1, 2, 3, 4]
b: float32[1, 1, 1, 4] = DepthwiseConv2D(a, d)
  w: float32[1, 1, 1, 4] = [1, 2, 3, 4]
y: float32[1, 1, 1, 1] = Conv2D(b, w)
output y
)"),
            "a0 b0 b1 | a1 b2 b3");
}

std::string grouped_convolution(int channels, int groups, const std::string& weights) {
  return groups_of(fmt::format(R"(graph g
input x: float32[1, 1, 1, 1]
  v: float32[{0}, 1, 1, 1] = [{3}]
a: float32[1, 1, 1, {0}] = Conv2D(x, v)
  d: float32[{0}, 1, 1, {1}] = {2}
b: float32[1, 1, 1, {0}] = Conv2D(a, d) {{groups: {4}}}
  w: float32[1, 1, 1, {0}] = [{3}]
y: float32[1, 1, 1, 1] = Conv2D(b, w)
output y
)",
                               channels, channels / groups, weights,
                               channels == 4 ? "1, 2, 3, 4" : "1, 2", groups));
}

TEST(ChannelGroups, OfGroupedConvolutionsAreTheSameInEachGroup) {
  EXPECT_EQ(grouped_convolution(4, 2, "[1, 2, 3, 4, 5, 6, 7, 8]"), "a0 a2 | a1 a3 | b0 b2 | b1 b3");
  EXPECT_EQ(grouped_convolution(2, 2, "[1, 2]"), "a0 b0 | a1 b1");  // depthwise
}

TEST(ChannelGroups, OfFlattenedImagesAreColumns) {
  EXPECT_EQ(groups_around("[1, 1, 2, 2]", 2, "b: float32[1, 4] = Reshape(a) {shape: [1, 4]}", 4),
            "a0 b0 b2 | a1 b1 b3");
  EXPECT_EQ(groups_around("[1, 6]", 6, "b: float32[1, 3, 2] = Reshape(a) {shape: [1, 3, 2]}", 2),
            "a0 a2 a4 b0 | a1 a3 a5 b1");
  // Neither count divides the other, and then they have nothing in common.
  EXPECT_EQ(groups_around("[3, 4]", 4, "b: float32[2, 6] = Reshape(a) {shape: [2, 6]}", 6),
            "a0 a2 b0 b2 b4 | a1 a3 b1 b3 b5");
  EXPECT_EQ(groups_around("[3, 2]", 2, "b: float32[2, 3] = Reshape(a) {shape: [2, 3]}", 3), "");
}

TEST(ChannelGroups, OfPadsAndSlicesAreWhereTheyMoved) {
  EXPECT_EQ(
      groups_around("[1, 2]", 2, "b: float32[1, 4] = Pad(a) {before: [0, 1], after: [0, 1]}", 4),
      "a0 b1 | a1 b2 | b0 | b3");
  EXPECT_EQ(groups_around("[1, 4]", 4,
                          "b: float32[1, 2] = StridedSlice(a) {begin: [0, 2], size: [1, 2], "
                          "stride: [1, -1]}",
                          2),
            "a0 | a1 b1 | a2 b0 | a3");
  // What is left of every other channel would no longer be every other channel.
  EXPECT_EQ(groups_around("[1, 4]", 4,
                          "b: float32[1, 2] = StridedSlice(a) {begin: [0, 0], size: [1, 2], "
                          "stride: [1, 2]}",
                          2),
            "");
}

TEST(ChannelGroups, OfSplitsAreInThePieces) {
  const std::string before = R"(graph g
input x: float32[1, 2, 1]
  v: float32[4, 1] = [1, 2, 3, 4]
a: float32[1, 2, 4] = FullyConnected(x, v) {keep_dims: true}
)";
  const std::string after = R"(  w: float32[1, 2] = [1, 2]
y: float32[1, 2, 1] = FullyConnected(b, w) {keep_dims: true}
z: float32[1, 2, 1] = FullyConnected(c, w) {keep_dims: true}
output y, z
)";
  EXPECT_EQ(groups_of(before +
                      "b: float32[1, 2, 2], c: float32[1, 2, 2] = Split(a) {axis: 2, sizes: [2, "
                      "2]}\n" +
                      after),
            "a0 b0 | a1 b1 | a2 c0 | a3 c1");
  EXPECT_EQ(
      groups_of(before + "b: float32[1, 1, 4], c: float32[1, 1, 4] = Split(a) {axis: 1, sizes: [1, "
                         "1]}\n  u: float32[1, 4] = [1, 2, 3, 4]\n"
                         "y: float32[1, 1, 1] = FullyConnected(b, u) {keep_dims: true}\n"
                         "output y\n"),
      "a0 b0 c0 | a1 b1 c1 | a2 b2 c2 | a3 b3 c3");
}

TEST(ChannelGroups, OfOneNumberForAllChannelsStay) {
  EXPECT_EQ(groups_of(R"(graph g
input x: float32[1, 2]
  v: float32[2, 2] = [1, 2, 3, 4]
a: float32[1, 2] = FullyConnected(x, v)
  w: float32[1, 2] = [1, 2]
b: float32[1, 1] = FullyConnected(a, w)
c: float32[1, 2] = Mul(a, b)
  k: float32[2] = [1, 2]
d: float32[1, 2] = Add(c, k)
y: float32[1, 1] = FullyConnected(d, w)
output y
)"),
            "a0 c0 d0 | a1 c1 d1");
}

TEST(ChannelGroups, StayWhereAllChannelsCount) {
  EXPECT_EQ(groups_around("[1, 3]", 3, "b: float32[1, 3] = Softmax(a)", 3), "");
  EXPECT_EQ(groups_around("[1, 3, 2]", 2,
                          "b: float32[1, 3, 1] = Mean(a) {axes: [2], keep_dims: true}", 1),
            "");
}

// Its rows are halves of the vectors: no column belongs to one channel.
TEST(ChannelGroups, StayWhereADenseLayerReadsOtherPieces) {
  EXPECT_EQ(groups_of(R"(graph g
input x: float32[1, 1]
  v: float32[4, 1] = [1, 2, 3, 4]
a: float32[1, 4] = FullyConnected(x, v)
  w: float32[2, 2] = [1, 2, 3, 4]
b: float32[2, 2] = FullyConnected(a, w)
  u: float32[1, 4] = [1, 2, 3, 4]
y: float32[1, 1] = FullyConnected(b, u)
output y
)"),
            "");
}

TEST(ChannelGroups, OfComputedWeightsStay) {
  EXPECT_EQ(groups_of(R"(graph g
input x: float32[1, 1]
  v: float32[2, 1] = [1, 2]
a: float32[1, 2] = FullyConnected(x, v)
b: float32[2, 1] = Reshape(a) {shape: [2, 1]}
y: float32[1, 2] = FullyConnected(x, b)
  w: float32[1, 2] = [1, 2]
z: float32[1, 1] = FullyConnected(y, w)
output z
)"),
            "");
}

// A few bytes of text that claim a thousand million channels.
TEST(ChannelGroups, AreNotTakenOnTheSaySoOfAShape) {
  const Graph graph = parse(R"(graph g
input x: float32[1, 1]
a: float32[1, 1000000001] = Pad(x) {before: [0, 0], after: [0, 1000000000]}
output a
)",
                            {});
  EXPECT_TRUE(channel_groups(graph).empty());
}

}  // namespace
}  // namespace mote::passes
