// Trains a Graph on a data set: SGD with Nesterov momentum and an exponential moving average (EMA)
// of the weights. The same graph, data, options and thread count give the same bytes, interrupted
// and resumed or not. Tested by train_test.cc. What the defaults reach: docs/results.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::compress {

enum class Schedule : uint8_t {
  one_cycle,  // linear from 4 % of the peak over the first fifth of the steps, then linear to 0
  cosine,     // half a cosine from the peak to 0
};
std::optional<Schedule> parse_schedule(std::string_view name);

enum class Bf16 : uint8_t {
  automatic,  // on where the processor gains
  on,
  off,
};
std::optional<Bf16> parse_bf16(std::string_view name);

struct TrainOptions {
  int32_t epochs = 20;
  int32_t batch = 128;
  float learning_rate = 0.3f;  // the peak of the schedule
  Schedule schedule = Schedule::one_cycle;
  float momentum = 0.9f;
  float weight_decay = 2e-4f;  // of weights; biases and batch norms have none
  bool flip = false;           // mirror half of the images, left to right
  int32_t crop = 0;            // shift images by up to so many pixels, zeros around them
  float label_smoothing = 0.0f;
  float ema_decay = 0.998f;  // a step; 0: no moving average
  Bf16 bf16 = Bf16::automatic;
  uint64_t seed = 1;    // of the order of images and of augmentation
  int32_t threads = 2;  // shapes the result: each thread normalizes its own part of the batch
};

// The recipe of a network ("zoo:custom", "custom?width=0.5") on a data set, from the table
// recipes.inc; networks and data sets that it does not have get those of their kin.
TrainOptions default_options(std::string_view network, std::string_view dataset);

// Where training can be taken up again: written after every epoch, under a temporary name and
// renamed. The caller removes it once the result is safe.
struct Checkpoint {
  std::string path;     // "M.checkpoint.mote"; empty: none is written
  bool resume = false;  // start from it where it exists; Error{usage} where its options differ
};

struct EpochRecord {
  int32_t epoch = 0;           // from 1
  double loss = 0;             // mean over the epoch's steps
  double validation_top1 = 0;  // of the moving average; 0 without validation images
};

struct TrainProgress {
  int32_t epoch = 0;  // from 1
  int32_t epochs = 0;
  int32_t step = 0;  // from 1, within the epoch
  int32_t steps = 0;
  double loss = 0;     // mean over the epoch so far
  double seconds = 0;  // since this process began to train
  double eta_seconds = 0;
  std::optional<double> validation_top1;  // after an epoch's last step
};
using TrainCallback = std::function<void(const TrainProgress&)>;

struct TrainResult {
  Graph graph;         // with the averaged weights, the classes' names, still with batch norms
  double top1 = 0;     // on the test split, seen once, at the end; 0 where the data has none
  int32_t epochs = 0;  // all, those before an interruption too
  double seconds = 0;  // of this process
  bool bf16 = false;   // what `automatic` came to
  std::vector<EpochRecord> history;
};

// Throws Error{usage} where graph and data do not go together or an option is out of its range.
TrainResult train(const Graph& graph, const datasets::Dataset& data, const TrainOptions& options,
                  const Checkpoint& checkpoint = {}, const TrainCallback& progress = {});

// A network of the zoo ("zoo:custom"), built for the data's images and classes with weights drawn
// by options.seed, trained and optimized. Throws as zoo::build and train do.
TrainResult train_network(const std::string& network, const datasets::Dataset& data,
                          const TrainOptions& options, const Checkpoint& checkpoint = {},
                          const TrainCallback& progress = {});

}  // namespace mote::compress
