#include "formats/tflite/metadata.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote::formats::tflite {
namespace {

TEST(Metadata, SaysNothingWhereThereIsNothing) {
  EXPECT_EQ(print_metadata({}), "");
}

TEST(Metadata, EveryFloatComesBack) {
  ForeignGraph graph;
  graph.inputs = {0, 1};
  graph.preprocessing = {{{1.0f / 255, 1e-30f, 3.4028235e38f}, {-0.1f}}, {}};
  graph.labels = {"", "zero"};
  ForeignGraph read;
  read.inputs = graph.inputs;
  parse_metadata(print_metadata(graph), read);
  EXPECT_EQ(read.preprocessing, graph.preprocessing);
  EXPECT_EQ(read.labels, graph.labels);
}

TEST(Metadata, HasADocumentedForm) {
  ForeignGraph graph;
  graph.preprocessing = {{{0.5f}, {-1.0f}}};
  graph.labels = {"a"};
  EXPECT_EQ(print_metadata(graph),
            R"({"labels":["a"],"preprocessing":[{"bias":[-1.0],"scale":[0.5]}]})");
}

TEST(Metadata, RefusesWhatItDoesNotWrite) {
  for (const char* text :
       {"", "{", "[]", R"({"labels": 3})", R"({"labels": [1]})", R"({"preprocessing": [{}]})",
        R"({"preprocessing": [{"scale": [], "bias": [0]}]})",
        R"({"preprocessing": [{"scale": [1e99], "bias": [0]}]})",
        R"({"preprocessing": [{"scale": [1], "bias": [0]}]})"}) {
    ForeignGraph graph;
    EXPECT_THROW(parse_metadata(text, graph), Error) << text;
  }
}

}  // namespace
}  // namespace mote::formats::tflite
