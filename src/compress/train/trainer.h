// One training in progress: the state, and per worker the networks that read it. Tested by
// train_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "autograd/network.h"
#include "compress/train/batches.h"
#include "compress/train/optimizer.h"
#include "compress/train/oscillation.h"
#include "compress/train/threads.h"
#include "compress/train/train.h"
#include "compress/train/weight_slots.h"

namespace mote::compress {

class Trainer {
 public:
  // `data` outlives the trainer. `teacher`: Guidance's.
  Trainer(const Graph& graph, const datasets::Dataset& data, const TrainOptions& options,
          const Graph* teacher = nullptr);

  int32_t steps_per_epoch() const { return data_.train.count() / options_.batch; }
  const TrainOptions& options() const { return options_; }  // as they came out
  const autograd::Parameters& parameters() const { return parameters_; }
  const TrainState& state() const { return state_; }
  void restore(const TrainState& state, const Masks& masks);
  // The graph as it came, with the masks of what has been pruned since.
  const Graph& graph() const { return graph_; }
  // What has to be the same for a checkpoint to fit: one line per option.
  std::string fingerprint() const;

  // Step `number` (from 0) of the whole training, the `step`th of an epoch; gives the mean loss. Of
  // a graph that is fake-quantized the statistics of batch norms are estimated again after the last
  // step, with the averaged weights, over 50 batches: few bits round these otherwise than the
  // weights of the steps before.
  double step(std::span<const Sample> epoch, int32_t step, int64_t number);
  // Adds the last step's squared gradient to those of the steps before; `prune` and `forget` begin
  // anew.
  void remember_gradient();
  void forget_gradients();
  // Lets `mask` change the masks of a graph with the weights as they are, given the mean of the
  // squared gradients, and obeys them from now on.
  void prune(const std::function<void(Graph& graph, std::span<const float> squares)>& mask);
  // The fraction of images whose class, by the averaged weights, is their label; 0 without labels.
  double top1(const datasets::Split& split);
  // The graph with the averaged weights.
  Graph averaged() const;

 private:
  struct Worker {
    std::vector<float> statistics;  // of batch norms, from its own part of the batch
    std::vector<float> gradient;
    autograd::Network training;
    autograd::Network averaged;
    std::optional<autograd::Network> teacher{};
    std::vector<float> teacher_inputs{};
    std::vector<float> teacher_logits{};
    std::vector<float> inputs{};
    std::vector<float> outputs{};
    std::vector<int32_t> labels{};
    double loss = 0;
    int32_t correct = 0;
  };
  void set_masks(const Masks& masks);
  void ask_teacher(Worker& worker, std::span<const Sample> samples);
  void take_inputs(Worker& worker, std::span<const Sample> samples);
  void differentiate(Worker& worker, std::span<const Sample> samples);
  void reduce();
  void mean_statistics();
  void estimate_statistics(std::span<const Sample> epoch);
  // Calls `work` for each worker with its part of a batch.
  void share(std::span<const Sample> batch,
             const std::function<void(Worker&, std::span<const Sample>)>& work);
  void count_correct(Worker& worker, const datasets::Split& split, int32_t begin, int32_t end);

  Graph graph_;
  const datasets::Dataset& data_;
  const TrainOptions options_;
  const Preprocessing teacher_preprocessing_;
  autograd::Parameters parameters_;
  const std::vector<WeightSlot> weights_;
  const std::vector<SwingingSlot> swinging_;
  const bool fake_quantized_;
  TrainState state_;             // the networks view its vectors: they are never moved
  std::vector<float> gradient_;  // summed over the workers
  std::vector<float> squares_;   // summed over the remembered steps
  int32_t remembered_ = 0;
  std::vector<Worker> workers_;
  Threads threads_;
};

}  // namespace mote::compress
