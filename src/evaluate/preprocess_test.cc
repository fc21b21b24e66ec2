#include "evaluate/preprocess.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote::evaluate {
namespace {

TEST(Preprocess, ReadsNumbersForAllChannelsOrForEach) {
  EXPECT_EQ(parse_preprocessing("scale=0.5"), (Preprocessing{{0.5f}, {0}}));
  EXPECT_EQ(parse_preprocessing("bias=-1e1"), (Preprocessing{{1}, {-10}}));
  EXPECT_EQ(parse_preprocessing("scale=1/255,bias=0"), (Preprocessing{{1.0f / 255}, {0}}));
  EXPECT_EQ(parse_preprocessing("bias=-1,-2,-3,scale=0.1,0.2,0.3"),
            (Preprocessing{{0.1f, 0.2f, 0.3f}, {-1, -2, -3}}));
}

TEST(Preprocess, RefusesEverythingElse) {
  for (const char* text : {"", "0.5", "scale", "scale=", "scale=x", "scale=1,", "scale=1/0",
                           "scale=1e99", "scale=nan", "scale=1,scale=2", "mean=1", "scale=1 "}) {
    try {
      parse_preprocessing(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::usage) << text;
      EXPECT_EQ(error.where, "--preprocess");
    }
  }
}

Graph graph_of(std::vector<Shape> inputs) {
  Graph graph;
  for (Shape& shape : inputs)
    graph.inputs.push_back(add_value(graph, "x", {DType::float32, std::move(shape), {}}));
  return graph;
}

TEST(Preprocess, TakesThePlaceOfWhatTheGraphSays) {
  Graph graph = graph_of({{1, 2, 2, 3}});
  graph.preprocessing = {{{0.5f}, {0}}};
  set_preprocessing(graph, {{1, 2, 3}, {-1}});
  EXPECT_EQ(graph.preprocessing, (std::vector<Preprocessing>{{{1, 2, 3}, {-1}}}));
  EXPECT_THROW(set_preprocessing(graph, {{1, 2}, {0}}), Error);
  EXPECT_THROW(set_preprocessing(graph, {{1}, {0, 0}}), Error);
  Graph two = graph_of({{1, 2}, {1, 2}});
  EXPECT_THROW(set_preprocessing(two, {}), Error);
}

TEST(Preprocess, RangeIsThatOfTheWidestChannel) {
  const RealRange range = pixel_range({{1.0f, -2.0f}, {5.0f, 0.0f}});
  EXPECT_EQ(range.min, -510);
  EXPECT_EQ(range.max, 260);
}

}  // namespace
}  // namespace mote::evaluate
