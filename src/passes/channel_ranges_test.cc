#include "passes/channel_ranges.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "base/error.h"
#include "interpret/interpreter.h"
#include "ir/text.h"
#include "tests/support/lower_for_host.h"
#include "tests/support/sparse_network.h"

namespace mote::passes {
namespace {

using namespace mote::testing;

// "a -5..7 3": the ranges of the channels of one value.
std::string ranges_of(const std::string& text, const std::string& name,
                      FloatLayers floats = FloatLayers::with_finite_numbers) {
  const Graph graph = parse(text, {}, "graph");
  const ChannelRanges ranges = channel_ranges(graph, floats);
  std::string result = name;
  for (size_t i = 0; i < graph.values.size(); i++)
    for (const ChannelRange& range : ranges.of_value[i])
      if (graph.values[i].name == name)
        result += range.constant() ? fmt::format(" {}", range.least)
                                   : fmt::format(" {}..{}", range.least, range.most);
  return result;
}

// x - 1 is -129 to 126; a third of its steps are those of a.
TEST(ChannelRanges, OfLayersAreThoseOfTheirSums) {
  const auto layer = [](const std::string& attributes) {
    return ranges_of(R"(graph g
input x: int8[1, 1, 1, 1] {scale: 0.5, zero_point: 1}
  w: int8[3, 1, 1, 1] {scale: 1} = [1, -2, 0]
  b: int32[3] = [3, 30, 300]
a: int8[1, 1, 1, 3] {scale: 1.5, zero_point: 10} = Conv2D(x, w, b))" +
                         attributes + "\noutput a\n",
                     "a");
  };
  EXPECT_EQ(layer(""), "a -32..53 -64..106 110");
  EXPECT_EQ(layer(" {activation: relu}"), "a 10..53 10..106 110");
  EXPECT_EQ(layer(" {activation: relu6}"), "a 10..14 10..14 14");
}

TEST(ChannelRanges, OfTapsBeyondTheBorderHaveZero) {
  const auto layer = [](const std::string& attributes, int height) {
    return ranges_of(fmt::format(R"(graph g
input x: int8[1, 3, 1, 1] {{scale: 1, zero_point: 0}}
  v: int8[1, 1, 1, 1] {{scale: 1}} = [0]
  b: int32[1] = [5]
c: int8[1, 3, 1, 1] {{scale: 1, zero_point: 0}} = Conv2D(x, v, b)
  w: int8[1, 2, 1, 1] {{scale: 1}} = [3, -1]
a: int8[1, {}, 1, 1] {{scale: 1, zero_point: 0}} = Conv2D(c, w){}
output a
)",
                                 height, attributes),
                     "a");
  };
  EXPECT_EQ(layer("", 2), "a 10");
  EXPECT_EQ(layer(" {padding: [1, 0, 0, 0]}", 3), "a -5..15");
}

TEST(ChannelRanges, OfFloatsAreNumbersOrAnything) {
  const std::string text = R"(graph g
input x: float32[1, 1]
  w: float32[2, 1] = [0, 1]
  b: float32[2] = [-0.5, 2]
a: float32[1, 2] = FullyConnected(x, w, b)
r: float32[1, 2] = LeakyRelu(a) {alpha: 0.5}
output r
)";
  EXPECT_EQ(ranges_of(text, "r"), "r -0.25 -inf..inf");
  EXPECT_EQ(ranges_of(text, "r", FloatLayers::as_they_are), "r -inf..inf -inf..inf");
}

// Whatever the network and the input: nothing lies beyond, and numbers are what they are said to
// be.
TEST(ChannelRanges, HoldAllThatNetworksMake) {
  int numbers = 0;
  for (int seed = 0; seed < 200; seed++) {
    Random random(static_cast<uint64_t>(seed), "ranges");
    Graph graph = sparse_network(seed % 2 ? DType::int8 : DType::int16, random);
    SCOPED_TRACE(print(graph, INT64_MAX).text);
    graph.outputs.clear();
    for (ValueId id = 0; id < std::ssize(graph.values); id++)
      if (!graph.value(id).constant()) graph.outputs.push_back(id);
    const ChannelRanges ranges = channel_ranges(graph, FloatLayers::as_they_are);
    Program program;
    try {
      program = lower_for_host(graph, seed % 3 ? MOTE_ROUNDING_DOUBLE : MOTE_ROUNDING_SINGLE);
    } catch (const Error&) {
      continue;  // scales that nothing rescales to
    }
    for (int i = 0; i < 6; i++) {
      const std::vector<Bytes> inputs = {extreme_input(graph, i, random)};
      const std::vector<Bytes> outputs = interpret::run(program, inputs);
      for (size_t o = 0; o < outputs.size(); o++) {
        const Value& value = graph.value(graph.outputs[o]);
        const auto& of_value = ranges.of_value[static_cast<size_t>(graph.outputs[o])];
        for (size_t e = 0; e < static_cast<size_t>(element_count(value.type.shape)); e++) {
          const auto number = static_cast<double>(integer_at(outputs[o], value.type.dtype, e));
          const ChannelRange& range = of_value[e % of_value.size()];
          ASSERT_LE(range.least, number) << value.name;
          ASSERT_GE(range.most, number) << value.name;
          numbers += range.constant();
        }
      }
    }
  }
  EXPECT_GT(numbers, 1000);
}

}  // namespace
}  // namespace mote::passes
