// Trains a Graph on a data set: SGD with Nesterov momentum or AdamW, and an exponential moving
// average (EMA) of the weights. The same graph, data, options and thread count give the same bytes,
// interrupted and resumed or not. Tested by train_test.cc. What the defaults reach:
// docs/results.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compress/choices.h"
#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::compress {

enum class Optimizer : uint8_t {
  sgd,    // with Nesterov momentum
  adamw,  // Loshchilov and Hutter 1711.05101
};

enum class Schedule : uint8_t {
  one_cycle,  // linear from 4 % of the peak over the first fifth of the steps, then linear to 0
  cosine,     // half a cosine from the peak to 0
};

enum class Bf16 : uint8_t {
  automatic,  // on where the processor gains
  on,
  off,
};

template <>
std::span<const std::string_view> choices<Optimizer>();
template <>
std::span<const std::string_view> choices<Schedule>();
template <>
std::span<const std::string_view> choices<Bf16>();

struct TrainOptions {
  int32_t epochs = 20;
  int32_t batch = 128;
  Optimizer optimizer = Optimizer::sgd;
  float learning_rate = 0.3f;  // the peak of the schedule
  Schedule schedule = Schedule::one_cycle;
  float momentum = 0.9f;       // AdamW: beta1
  float beta2 = 0.999f;        // AdamW: of the squared gradients' moving average
  float weight_decay = 2e-4f;  // of weights; biases and batch norms have none
  bool flip = false;           // mirror half of the images, left to right
  int32_t crop = 0;            // shift images by up to so many pixels, zeros around them
  int32_t cutout = 0;          // side of a square of zeros somewhere in the image (1708.04552)
  float affine = 0.0f;         // the share of images turned, slanted and stretched a little
  float label_smoothing = 0.0f;
  float ema_decay = 0.998f;   // a step; 0: no moving average
  float distillation = 0.0f;  // the teacher's share of the loss; 1: labels are not looked at
  float temperature = 2.0f;   // of both softmaxes, the teacher's and its own (1503.02531)
  // Of the loss, times what the fake-quantized weights take in bits: train/rate.h.
  float rate = 0.0f;
  Bf16 bf16 = Bf16::automatic;
  uint64_t seed = 1;    // of the order of images and of augmentation
  int32_t threads = 2;  // shapes the result: each thread normalizes its own part of the batch

  // Everything that decides the result: what records hold and checkpoints compare.
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("epochs", self.epochs);
    field("batch", self.batch);
    field("optimizer", self.optimizer);
    field("learning_rate", self.learning_rate);
    field("schedule", self.schedule);
    field("momentum", self.momentum);
    field("beta2", self.beta2);
    field("weight_decay", self.weight_decay);
    field("flip", self.flip);
    field("crop", self.crop);
    field("cutout", self.cutout);
    field("affine", self.affine);
    field("label_smoothing", self.label_smoothing);
    field("ema_decay", self.ema_decay);
    field("distillation", self.distillation);
    field("temperature", self.temperature);
    field("rate", self.rate);
    field("bf16", self.bf16);
    field("seed", self.seed);
    field("threads", self.threads);
  }
};

// The recipe of a network ("zoo:custom", "custom?width=0.5") on a data set, from the table
// recipes.inc; networks and data sets that it does not have get those of their kin.
TrainOptions default_options(std::string_view network, std::string_view dataset);

// Throws Error{usage} naming the option that is out of its range.
void check_options(const TrainOptions& options);
// What training makes of the options on so many images: batch not above them, bf16 on or off as
// this machine has it.
TrainOptions settled(TrainOptions options, int32_t images);

// What changes what is trained, or what it learns from, beside options and data.
struct Guidance {
  // Answers the same images as the network, each through its own preprocessing; read where
  // options.distillation is not 0.
  const Graph* teacher = nullptr;
  // Masks what is to be pruned when `done` of its schedule is over, 0 < done <= 1: called four
  // times an epoch, until it has been with 1, after three quarters of the steps. The graph has the
  // weights as they are; `squares` are the batches' squared gradients, as
  // autograd::parameters_of(graph) has them, in the mean since the last call or the epoch's
  // beginning. What is masked once stays masked. Null: nothing.
  std::function<void(Graph& graph, std::span<const float> squares, double done)> prune = nullptr;
};

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
  std::optional<double> validation_top1;  // when the epoch is over, where there are such images
  bool epoch_over = false;                // once more after its last step
};
using TrainCallback = std::function<void(const TrainProgress&)>;

struct TrainResult {
  std::string network;   // the graph's name; of train_network, the zoo's with nothing left open
  Graph graph;           // with the averaged weights, the classes' names, still with batch norms
  double top1 = 0;       // on the test split, seen once, at the end; 0 where it has no labels
  double seconds = 0;    // of this process
  TrainOptions options;  // as they came out: batch not above the images, bf16 on or off
  std::vector<EpochRecord> history;
  std::vector<std::string> notes = {};  // of network and data: evaluate/notes.h
};

// Throws Error{usage} where graph and data do not go together or an option is out of its range.
TrainResult train(const Graph& graph, const datasets::Dataset& data, const TrainOptions& options,
                  const Checkpoint& checkpoint = {}, const TrainCallback& progress = {},
                  const Guidance& guidance = {});

// A network of the zoo ("zoo:custom"), built for the data's images and classes with weights drawn
// by options.seed, trained and optimized. `preprocessing` takes the place of the network's own,
// which scales pixels by 1/255. Throws as zoo::build, evaluate::set_preprocessing and train do.
TrainResult train_network(const std::string& network, const datasets::Dataset& data,
                          const TrainOptions& options, const Checkpoint& checkpoint = {},
                          const TrainCallback& progress = {},
                          const std::optional<Preprocessing>& preprocessing = {});

}  // namespace mote::compress
