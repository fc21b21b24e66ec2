// Between the images of a data set and the raw tensors of a model. Tested by samples_test.cc.
#pragma once

#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::evaluate {

// Images [begin, begin + count) as the bytes of the graph's only input, one after another: scaled
// by its preprocessing, and quantized as its type says (a uint8 pixel p enters a zoo network as p -
// 128). Throws Error{usage} where the model has several inputs or another shape than the images.
Bytes encode(const Graph& graph, const Array& images, int32_t begin, int32_t count);

// The class with the largest score of each of `count` samples of output 0; of equal ones the first.
std::vector<int32_t> classify(const Graph& graph, const Bytes& output, int32_t count);

}  // namespace mote::evaluate
