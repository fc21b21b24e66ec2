// compress: applies a recipe to a float model. Its steps see the samples that they are given, which
// are never the test split's. Tested by compress_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compress/agreement.h"
#include "compress/recipe.h"
#include "compress/search/mixed_bits.h"
#include "compress/search/techniques.h"
#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::compress {

struct CompressProgress {
  int32_t step = 0;  // of the recipe, from 1
  int32_t steps = 0;
  std::string what;  // "prune", "train"
  TrainProgress training;
  double done = 0;  // of a step that searches, which does not train: 0 to 1
};
using CompressCallback = std::function<void(const CompressProgress&)>;
// Of a recipe that trains through fake quantization: whether the integers are what was trained.
using AgreementCallback = std::function<void(const Agreement&)>;

struct Begun {
  Graph graph;
  int32_t steps = 0;
};

struct CompressOptions {
  // Of the choice of calibration samples, and of the order and augmentation of training's.
  uint64_t seed = 1;
  // What the recipe's changes are of: how this network is trained on this data. Its seed is not
  // read.
  TrainOptions training = {};
  // Of a recipe that trains: where it can be taken up again, after every epoch and every step. The
  // caller removes it (remove_checkpoint) once the result is safe.
  Checkpoint checkpoint = {};
  CompressCallback progress = {};
  // What a recipe has tried that chooses bits, and one that chooses among techniques.
  std::function<void(const MixedBits&)> found_bits = {};
  std::function<void(const ChosenTechnique&)> found_technique = {};
  AgreementCallback agreement = {};
  // What the first steps of the recipe have made of the same model, samples and options; they are
  // not taken again.
  std::optional<Begun> begun = {};
};

// The model is optimized first (exact and float-equivalent passes). `samples` may be unlabelled:
// then training is by distillation; a recipe that needs none does not look at them. The same
// model, recipe, samples and options give the same bytes, interrupted and resumed or not. Throws
// Error{unsupported} for a model whose weights or activations are not float32 any more,
// Error{usage} for a recipe that lacks samples or a checkpoint of something else, and
// Error{invalid_input}, whatever the recipe, for weights that are infinite or no numbers.
Graph compress(const Graph& model, const Recipe& recipe, const datasets::Split& samples,
               const CompressOptions& options = {});

// The files of a checkpoint, "x.mote" and "x.steps.mote"; those that there are go.
std::vector<std::string> checkpoint_files(const Checkpoint& checkpoint);
void remove_checkpoint(const Checkpoint& checkpoint);

}  // namespace mote::compress
