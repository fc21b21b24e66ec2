// One training in progress: the state, and per worker the networks that read it. Tested by
// train_test.cc.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "autograd/network.h"
#include "compress/train/batches.h"
#include "compress/train/optimizer.h"
#include "compress/train/threads.h"
#include "compress/train/train.h"

namespace mote::compress {

class Trainer {
 public:
  // `data` outlives the trainer.
  Trainer(const Graph& graph, const datasets::Dataset& data, const TrainOptions& options);

  int32_t steps_per_epoch() const { return data_.train.count() / options_.batch; }
  const TrainOptions& options() const { return options_; }  // as they came out
  const autograd::Parameters& parameters() const { return parameters_; }
  const TrainState& state() const { return state_; }
  void restore(const TrainState& state);
  // What has to be the same for a checkpoint to fit: one line per option.
  std::string fingerprint() const;

  // Step `number` (from 0) of the whole training, the `step`th of an epoch; gives the mean loss.
  double step(std::span<const Sample> epoch, int32_t step, int64_t number);
  // The fraction of images whose class, by the averaged weights, is their label.
  double top1(const datasets::Split& split);
  // The graph with the averaged weights.
  Graph averaged() const;

 private:
  struct Worker {
    std::vector<float> statistics;  // of batch norms, from its own part of the batch
    std::vector<float> gradient;
    autograd::Network training;
    autograd::Network averaged;
    std::vector<float> inputs{};
    std::vector<float> outputs{};
    std::vector<int32_t> labels{};
    double loss = 0;
    int32_t correct = 0;
  };
  void differentiate(Worker& worker, std::span<const Sample> samples);
  void reduce();
  void count_correct(Worker& worker, const datasets::Split& split, int32_t begin, int32_t end);

  const Graph graph_;
  const datasets::Dataset& data_;
  const TrainOptions options_;
  const autograd::Parameters parameters_;
  TrainState state_;             // the networks view its vectors: they are never moved
  std::vector<float> gradient_;  // summed over the workers
  std::vector<Worker> workers_;
  Threads threads_;
};

}  // namespace mote::compress
