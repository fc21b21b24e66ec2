// Which shapes of samples go into an input of a model, and in which order their elements do: the
// one place that decides it. Tested by layout_test.cc.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"
#include "ir/npy.h"

namespace mote::evaluate {

// How a sample lies, seen from the input that it goes into.
enum class Layout : uint8_t {
  same,            // element by element as the input
  channels_first,  // [C, H, W], the input is [1, H, W, C]
};

// Samples lie the same where their shape is the input's, or differs from it by dimensions of 1, or
// where one of both is flat and they have as many elements. Their channels come first where only
// that fits. Nothing where they do not go together.
std::optional<Layout> layout_of(const Shape& input, const Shape& sample);

// Of one of the samples [N, ...] for input `index` of the graph. Throws Error{usage} that names
// both shapes.
Layout layout_of(const Graph& graph, size_t index, const Array& samples);

// What an array brings for an input: one sample of it, or N of them with a leading N.
struct Batch {
  int32_t count = 1;
  Layout layout = Layout::same;
};
// Nothing where they do not go together.
std::optional<Batch> batch_of(const Shape& input, const Shape& array);

// By element of the input: where it lies in a sample.
std::vector<size_t> element_order(const Shape& input, Layout layout);

// Samples with or without a leading N, as [N, H, W, C]: behind N the input's shape, elements in its
// order.
Array arranged(const Shape& input, const Array& samples, Layout layout);

}  // namespace mote::evaluate
