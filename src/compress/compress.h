// compress: applies a recipe to a float model. Calibration sees the samples that it is given, which
// are never the test split's. Tested by compress_test.cc.
#pragma once

#include "compress/recipe.h"
#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::compress {

struct CompressOptions {
  uint64_t seed = 1;  // of the choice of calibration samples
};

// The model is optimized first (exact and float-equivalent passes). `samples` may be unlabelled,
// and are not looked at by a recipe that needs none. Throws Error{unsupported} for a model whose
// weights or activations are not float32 any more, Error{usage} for a recipe that lacks samples,
// and Error{invalid_input}, whatever the recipe, for weights that are infinite or no numbers.
Graph compress(const Graph& model, const Recipe& recipe, const datasets::Split& samples,
               const CompressOptions& options = {});

}  // namespace mote::compress
