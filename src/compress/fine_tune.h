// The steps of a recipe that train: fine-tuning, and training while a network gets sparser. Tested
// by fine_tune_test.cc.
#pragma once

#include "compress/recipe.h"
#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::compress {

struct FineTuneOptions {
  uint64_t seed = 1;
  TrainOptions training = {};       // before the step's changes; its seed is not read
  Scheme scheme = Scheme::float32;  // which the recipe ends with: what bytes are
  Checkpoint checkpoint = {};
  TrainCallback progress = {};
};

// The optimized graph, trained; through fake quantization where activations and weights are
// annotated, as they then are afterwards as well (quantize/annotate.h). `model` is what the recipe
// began with, the teacher where the step names none. `samples` without labels are learned from the
// teacher alone.
Graph fine_tune(const Graph& graph, const Graph& model, const TrainStep& step,
                const datasets::Split& samples, const FineTuneOptions& options);

// The same while it is pruned; at once where the step does not train.
Graph fine_tune(const Graph& graph, const Graph& model, const PruneStep& step,
                const datasets::Split& samples, const FineTuneOptions& options);

}  // namespace mote::compress
