// Pruning: which weights of a float graph become zero and stay so. What goes is masked
// (Value::mask), and training obeys masks. Tested by prune_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compress/choices.h"
#include "ir/graph.h"

namespace mote::compress {

// What goes at once.
enum class Pruned : uint8_t {
  weights,   // single weights
  blocks,    // four weights side by side of one output channel, [H, W, I] as storages have them
  n_of_m,    // of each m such weights all but n
  channels,  // what makes a channel, with all that is tied to it
};

// What says how little something matters.
enum class Criterion : uint8_t {
  magnitude,       // its squared weights; where layers compete, as LAMP has it (2010.07611)
  taylor,          // how the loss changes without it: (weight * gradient)^2 of a batch (1906.10771)
  batch_norm,      // of channels: the squared gamma of their batch norm (1708.06519)
  reconstruction,  // of channels: how badly the others take their place, which they then do
};

enum class Scope : uint8_t {
  network,  // layers compete
  layer,    // each loses the same share
};

// How sparsity grows while a network is trained: done is the share of the schedule that is over.
enum class Growth : uint8_t {
  cubic,  // 1 - (1 - done)^3 of the whole (1710.01878): much early, while much is left to learn
  linear,
};

template <>
std::span<const std::string_view> choices<Pruned>();
template <>
std::span<const std::string_view> choices<Criterion>();
template <>
std::span<const std::string_view> choices<Scope>();
template <>
std::span<const std::string_view> choices<Growth>();

struct PruneOptions {
  Pruned what = Pruned::weights;
  Criterion criterion = Criterion::magnitude;
  Scope scope = Scope::network;
  int32_t n = 2;  // of n_of_m: 0 < n < m <= 16
  int32_t m = 4;
};

// The share of the final sparsity that is due.
double grown(Growth growth, double done);

// How many of a layer's weights, or of a whole graph's, are zero, of whatever type they are.
struct Sparsity {
  std::string layer = {};
  int64_t weights = 0;
  int64_t zeros = 0;

  double fraction() const {
    return weights == 0 ? 0.0 : static_cast<double>(zeros) / static_cast<double>(weights);
  }
};
std::vector<Sparsity> sparsity_by_layer(const Graph& graph);
Sparsity sum_of(std::span<const Sparsity> layers);
Sparsity sparsity_of(const Graph& graph);

// Masks the least important weights, so many that at least `sparsity` of all that can go alone, in
// blocks or by n_of_m is masked, and sets them to zero; what is masked already stays so. n_of_m
// masks `sparsity` of what it can, groups that matter least first: 1 is the whole pattern.
// `squares`, the batches' squared gradients in the mean, as autograd::parameters_of(graph) has
// them, are read by Criterion::taylor. Depthwise
// layers have no input channels side by side, and lose single weights only.
void prune_weights(Graph& graph, const PruneOptions& options, double sparsity,
                   std::span<const float> squares);

}  // namespace mote::compress
