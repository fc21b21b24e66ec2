// Between the images of a data set and the raw tensors of a model. Tested by samples_test.cc.
#pragma once

#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::evaluate {

// Samples [begin, begin + count) as the bytes of each input of the graph. Throws Error{usage} where
// the data has not as many arrays as the model has inputs, or where shapes do not go together.
std::vector<Bytes> encode(const Graph& graph, const datasets::Split& samples, int32_t begin,
                          int32_t count);

// Images [begin, begin + count) as the bytes of the graph's only input, one after another: scaled
// by its preprocessing, and quantized as its type says (a uint8 pixel p enters a zoo network as p -
// 128). Throws Error{usage} where the model has several inputs, or the images another shape
// (layout.h).
Bytes encode(const Graph& graph, const Array& images, int32_t begin, int32_t count);

// The names of the inputs of a graph that has several, else none: datasets::LoadOptions::inputs.
std::vector<std::string> names_of_several_inputs(const Graph& graph);

// All of the images, as run_arrays takes them: [N, ...].
Array encoded(const Graph& graph, const Array& images);

}  // namespace mote::evaluate
