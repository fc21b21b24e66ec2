// Weights that go alone, in blocks of four, or all but n of every m.
#include <algorithm>
#include <bit>
#include <cmath>

#include "autograd/network.h"
#include "compress/prune/prune.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "passes/weighted_layer.h"

namespace mote::compress {
namespace {

constexpr int32_t kBlock = 4;

// Weights that go together: of the 32 from `begin` those whose bit is set.
struct Unit {
  int32_t begin;
  uint32_t members;
  float score = 0;

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (uint32_t rest = members; rest != 0; rest &= rest - 1)
      visit(static_cast<size_t>(begin + std::countr_zero(rest)));
  }
};

struct Layer {
  ValueId value;
  std::vector<float> data;
  Bytes mask;
  std::vector<Unit> units;  // the least important first
};

bool has_input_axis(const Graph& graph, const Node& node) {
  std::vector<TensorType> inputs, outputs;
  for (const ValueId id : node.inputs)
    inputs.push_back(id == kNoValue ? TensorType{} : graph.value(id).type);
  for (const ValueId id : node.outputs) outputs.push_back(graph.value(id).type);
  return op_def(node.op).channels(node.op, inputs, outputs, {1, 0}).input_axis >= 0;
}

// How much each weight matters by itself.
std::vector<float> importance_of(const Layer& layer, const PruneOptions& options,
                                 std::span<const float> squares) {
  std::vector<float> result = layer.data;
  for (float& x : result) x *= x;
  if (options.criterion == Criterion::taylor)
    for (size_t i = 0; i < result.size(); i++) result[i] *= squares[i];
  return result;
}

float score_of(std::span<const float> importance, const Unit& unit) {
  double sum = 0;
  unit.for_each([&](size_t i) { sum += static_cast<double>(importance[i]); });
  return static_cast<float>(sum);
}

// Runs of up to `length` weights within the `row` of an output channel.
std::vector<Unit> runs(size_t count, int32_t row, int32_t length) {
  std::vector<Unit> units;
  units.reserve(count / static_cast<size_t>(length));
  for (int32_t channel = 0; channel < static_cast<int32_t>(count); channel += row)
    for (int32_t begin = 0; begin < row; begin += length)
      units.push_back({channel + begin, (uint32_t{1} << std::min(length, row - begin)) - 1});
  return units;
}

// Leaves of each run the weights that matter least, all but n: what is then kept is the pattern. A
// shorter run at the end keeps n as well.
void leave_surplus(std::vector<Unit>& units, std::span<const float> importance, int32_t n) {
  for (Unit& unit : units)
    for (int32_t kept = 0; kept < n && unit.members != 0; kept++) {
      size_t most = static_cast<size_t>(unit.begin + std::countr_zero(unit.members));
      unit.for_each([&](size_t i) {
        if (importance[i] > importance[most]) most = i;
      });
      unit.members &= ~(uint32_t{1} << (most - static_cast<size_t>(unit.begin)));
    }
  std::erase_if(units, [](const Unit& unit) { return unit.members == 0; });
}

std::vector<Unit> units_of(int32_t row, const PruneOptions& options,
                           std::span<const float> importance) {
  const bool pattern = options.what == Pruned::n_of_m;
  const int32_t length = pattern ? options.m : options.what == Pruned::blocks ? kBlock : 1;
  std::vector<Unit> units = runs(importance.size(), row, length);
  if (pattern) leave_surplus(units, importance, options.n);
  for (Unit& unit : units) unit.score = score_of(importance, unit);
  std::ranges::stable_sort(units, {}, &Unit::score);
  return units;
}

std::vector<Layer> layers_of(const Graph& graph, const PruneOptions& options,
                             std::span<const float> squares) {
  std::vector<Layer> layers;
  const autograd::Parameters parameters = autograd::parameters_of(graph);
  for (const Node& node : graph.nodes) {
    if (!passes::weighted_layer(graph, node)) continue;
    if (options.what != Pruned::weights && !has_input_axis(graph, node)) continue;
    const ValueId id = node.inputs[1];
    if (std::ranges::find(layers, id, &Layer::value) != layers.end()) continue;  // shared
    const Value& value = graph.value(id);
    Layer layer{id, float_data(value), value.mask ? *value.mask : Bytes{}, {}};
    if (layer.mask.empty()) layer.mask.assign(layer.data.size(), 1);
    const auto slot = std::ranges::find(parameters.slots, id, &autograd::Slot::value);
    const auto own = options.criterion == Criterion::taylor
                         ? squares.subspan(slot->offset, slot->count)
                         : std::span<const float>{};
    layer.units = units_of(static_cast<int32_t>(layer.data.size()) / value.type.shape[0], options,
                           importance_of(layer, options, own));
    layers.push_back(std::move(layer));
  }
  return layers;
}

// Each score as a share of the scores of its layer that are not smaller: the last one is 1, so
// that no layer goes as a whole before another does.
void compare_layers(Layer& layer) {
  double rest = 0;
  for (auto unit = layer.units.rbegin(); unit != layer.units.rend(); ++unit) {
    rest += unit->score;
    unit->score = rest > 0 ? static_cast<float>(unit->score / rest) : 0.0f;
  }
}

// A unit of one of several layers.
struct RankedUnit {
  float score;
  uint32_t layer;
  uint32_t unit;
};

// The first of the ranking, until `sparsity` of all their weights is masked.
void mask_first(std::span<const RankedUnit> ranking, std::span<Layer> layers, double sparsity) {
  int64_t all = 0, masked = 0;
  const auto unit_of = [&](const RankedUnit& ranked) -> const Unit& {
    return layers[ranked.layer].units[ranked.unit];
  };
  for (const RankedUnit& ranked : ranking) all += std::popcount(unit_of(ranked).members);
  const auto wanted = static_cast<int64_t>(std::ceil(sparsity * static_cast<double>(all) - 1e-9));
  for (const RankedUnit& ranked : ranking) {
    if (masked >= wanted) return;
    unit_of(ranked).for_each([&](size_t i) { layers[ranked.layer].mask[i] = 0; });
    masked += std::popcount(unit_of(ranked).members);
  }
}

void store(Graph& graph, const Layer& layer) {
  std::vector<float> data = layer.data;
  for (size_t i = 0; i < data.size(); i++)
    if (layer.mask[i] == 0) data[i] = 0.0f;
  Value& value = graph.value(layer.value);
  value.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(data)));
  if (std::ranges::count(layer.mask, 0) > 0) value.mask = std::make_shared<const Bytes>(layer.mask);
}

}  // namespace

void prune_weights(Graph& graph, const PruneOptions& options, double sparsity,
                   std::span<const float> squares) {
  std::vector<Layer> layers = layers_of(graph, options, squares);
  const bool compete = options.scope == Scope::network;
  if (compete && options.criterion == Criterion::magnitude)
    std::ranges::for_each(layers, compare_layers);
  std::vector<RankedUnit> ranking;
  for (uint32_t l = 0; l < layers.size(); l++) {
    for (uint32_t u = 0; u < layers[l].units.size(); u++)
      ranking.push_back({layers[l].units[u].score, l, u});
    if (compete) continue;
    mask_first(ranking, layers, sparsity);
    ranking.clear();
  }
  std::ranges::stable_sort(ranking, {}, &RankedUnit::score);
  mask_first(ranking, layers, sparsity);
  for (const Layer& layer : layers) store(graph, layer);
}

}  // namespace mote::compress
