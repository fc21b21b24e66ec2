#include "evaluate/notes.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/text.h"

namespace mote::evaluate {
namespace {

Graph graph_of(TensorType input, int32_t outputs) {
  Graph graph;
  graph.name = std::string("m");
  graph.inputs = {add_value(graph, "x", std::move(input))};
  graph.outputs = {add_value(graph, "y", {DType::float32, {1, outputs}, {}})};
  graph.preprocessing = {{}};
  return graph;
}

datasets::Split samples(DType dtype, const Shape& shape) {
  return {{dtype, shape, Bytes(static_cast<size_t>(element_count(shape) * size_of(dtype)))}, {}};
}

bool has(const std::vector<std::string>& notes, const std::string& text) {
  return std::ranges::any_of(notes,
                             [&](const std::string& note) { return note.find(text) != note.npos; });
}

TEST(Notes, NothingIsSaidWhereNothingIsOdd) {
  const Graph graph = graph_of({DType::float32, {1, 4, 4, 3}, {}}, 2);
  EXPECT_TRUE(notes_on(graph, samples(DType::uint8, {5, 4, 4, 3}), 2).empty());
  EXPECT_TRUE(notes_on(graph, samples(DType::uint8, {5, 48}), 0).empty());
  EXPECT_TRUE(notes_on(graph, {}, 0).empty());
}

TEST(Notes, AModelWithoutInputsHasNothingOdd) {
  const Graph graph =
      parse("graph g\n  c: float32[2] = [1, -2]\ny: float32[2] = Relu(c)\noutput y\n", {});
  datasets::Split split;
  split.images = {DType::uint8, {3, 4, 4, 1}, Bytes(48)};
  split.labels = {0, 1, 0};
  EXPECT_TRUE(notes_on(graph, split, 2).empty());
  EXPECT_TRUE(notes_on(graph, {split.images}).empty());
}

TEST(Notes, ATranspositionIsSaid) {
  const Graph graph = graph_of({DType::float32, {1, 4, 4, 3}, {}}, 2);
  const auto notes = notes_on(graph, samples(DType::uint8, {5, 3, 4, 4}), 2);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("[5, 3, 4, 4]"), std::string::npos) << notes[0];
  EXPECT_NE(notes[0].find("[1, 4, 4, 3]"), std::string::npos) << notes[0];
  EXPECT_NE(notes[0].find("transposed"), std::string::npos) << notes[0];
  EXPECT_EQ(notes_on(graph, std::vector{samples(DType::uint8, {3, 4, 4}).images}),
            notes_on(graph, std::vector{samples(DType::float32, {3, 4, 4}).images}));
  EXPECT_THROW(notes_on(graph, samples(DType::uint8, {5, 6, 8, 1}), 2), Error);
}

TEST(Notes, MoreOutputsThanClassesAreSaid) {
  const datasets::Split images = samples(DType::uint8, {5, 2});
  EXPECT_TRUE(has(notes_on(graph_of({DType::float32, {1, 2}, {}}, 10), images, 3),
                  "tells 10 classes apart, the data has 3"));
  EXPECT_TRUE(notes_on(graph_of({DType::float32, {1, 2}, {}}, 10), images, 0).empty());
  EXPECT_TRUE(notes_on(graph_of({DType::float32, {1, 2}, {}}, 1), images, 2).empty());
}

TEST(Notes, PixelsMeetAModelThatDoesNotSayWhatItWants) {
  const auto warned = [](TensorType input, DType images, bool says) {
    Graph graph = graph_of(std::move(input), 2);
    if (!says) graph.preprocessing.clear();
    return has(notes_on(graph, samples(images, {5, 2}), 2), "--preprocess");
  };
  const TensorType real{DType::float32, {1, 2}, {}};
  const TensorType raw{DType::int8, {1, 2}, per_tensor(1, -128)};
  const TensorType unit{DType::int8, {1, 2}, per_tensor(1.0f / 255, -128)};
  EXPECT_TRUE(warned(real, DType::uint8, false));
  EXPECT_TRUE(warned(unit, DType::uint8, false));  // all but the darkest would be clamped
  EXPECT_FALSE(warned(raw, DType::uint8, false));
  EXPECT_FALSE(warned(real, DType::float32, false));
  EXPECT_FALSE(warned(real, DType::uint8, true));
  EXPECT_FALSE(warned(unit, DType::uint8, true));
}

}  // namespace
}  // namespace mote::evaluate
