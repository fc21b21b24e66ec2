#include "compress/search/mixed_bits.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "base/error.h"
#include "compress/search/knapsack.h"
#include "evaluate/inspection.h"
#include "evaluate/json.h"

namespace mote::compress {
namespace {

constexpr size_t kCandidates = 8;    // that are made and measured
constexpr int64_t kFrontShares = 8;  // other budgets are 2, 3, .. 7 of so many parts
constexpr size_t kAtOnce = 4;        // networks that are fitted together, for memory's sake
constexpr int32_t kRounds = 4;       // of predictions that turned out too small

class BitsSearch {
 public:
  BitsSearch(const Graph& graph, const QuantizeOptions& options, const CalibrationSamples& samples,
             const evaluate::Reference& reference, MixedBits& found, const SearchProgress& progress)
      : graph_(graph),
        options_(options),
        samples_(samples),
        reference_(reference),
        found_(found),
        progress_(progress) {}

  Graph run() {
    found_ = {};
    found_.uniform_bytes = constant_bytes(quantize(graph_, {.scheme = options_.scheme}));
    found_.budget_bytes = budget_bytes();
    found_.sensitivities = sensitivities(graph_, options_, samples_, reference_, part(0, 0.5));
    make_groups();
    const int64_t least = rest_bytes_ + least_bytes(groups_);
    if (found_.budget_bytes < least) fail(least);
    std::vector<Made> made;
    int64_t budget = found_.budget_bytes;
    for (int32_t round = 0; round < kRounds && budget >= least; round++) {
      made = make(within(budget, kCandidates));
      std::ranges::stable_sort(
          made, [&](const Made& a, const Made& b) { return rank(a.trial) < rank(b.trial); });
      if (fits(made[0].trial)) break;
      budget -= made[0].trial.constant_bytes - found_.budget_bytes;
    }
    for (const Made& each : made) found_.tried.push_back(each.trial);
    if (!fits(found_.tried[0])) fail(found_.tried[0].constant_bytes);
    make_front();
    return std::move(made[0].graph);
  }

 private:
  struct Made {
    BitsTrial trial;
    Graph graph;
  };

  SearchProgress part(double from, double to) const {
    if (!progress_) return {};
    return [this, from, to](double done, const std::string& what) {
      progress_(from + done * (to - from), what);
    };
  }

  int64_t budget_bytes() const {
    const double wanted = options_.constants;
    if (wanted > 1) return static_cast<int64_t>(wanted);
    return static_cast<int64_t>(wanted * static_cast<double>(found_.uniform_bytes));
  }

  [[noreturn]] void fail(int64_t least) const {
    throw Error(ErrorKind::over_budget,
                fmt::format("{} bytes of constants are too few", found_.budget_bytes), graph_.name,
                fmt::format("the fewest that its layers can have are {}; of {} in plain {}", least,
                            found_.uniform_bytes, name_of(options_.scheme)));
  }

  bool fits(const BitsTrial& trial) const { return trial.constant_bytes <= found_.budget_bytes; }

  // Those that fit come first, then, of what fits the best, and of others the smallest.
  std::tuple<int64_t, double, int64_t> rank(const BitsTrial& trial) const {
    const int64_t bytes = trial.constant_bytes;
    return {std::max<int64_t>(bytes - found_.budget_bytes, 0), trial.divergence.loss(), bytes};
  }

  void make_groups() {
    rest_bytes_ = found_.sensitivities.constant_bytes;
    for (const SearchedLayer& layer : found_.sensitivities.layers) {
      KnapsackGroup& group = groups_.emplace_back();
      for (const LayerSensitivity& each : layer.sensitivity)
        group.push_back({each.constant_bytes, each.divergence.loss()});
      rest_bytes_ -= group.back().bytes;
    }
  }

  // The best that were predicted, none twice.
  std::vector<BitsTrial> within(int64_t budget, size_t count) const {
    const auto& layers = found_.sensitivities.layers;
    std::vector<BitsTrial> trials;
    for (const KnapsackSelection& selection :
         best_selections(groups_, budget - rest_bytes_, count)) {
      BitsTrial trial;
      trial.budget_bytes = budget;
      trial.predicted_bytes = rest_bytes_ + selection.bytes;
      trial.predicted_loss = found_.sensitivities.divergence.loss();
      for (size_t i = 0; i < layers.size(); i++) {
        const auto& sensitivity = layers[i].sensitivity;
        const LayerSensitivity& chosen = sensitivity[selection.choices[i]];
        trial.bits.push_back(chosen.bits);
        trial.predicted_loss += chosen.divergence.loss() - sensitivity.back().divergence.loss();
      }
      trials.push_back(std::move(trial));
    }
    return trials;
  }

  LayerBits layer_bits(const BitsTrial& trial) const {
    LayerBits bits = found_.sensitivities.most;
    for (size_t i = 0; i < trial.bits.size(); i++)
      for (const size_t node : found_.sensitivities.layers[i].nodes) bits[node] = trial.bits[i];
    return bits;
  }

  int64_t constant_bytes(const Graph& graph) const {
    return evaluate::inspect(graph, evaluate::Passes::all, options_.prefer).constant_bytes;
  }

  // Neighbours have layers in common, which are fitted once.
  std::vector<Made> make(std::vector<BitsTrial> trials) {
    std::ranges::stable_sort(trials, {}, &BitsTrial::bits);
    std::vector<Made> all;
    for (size_t begin = 0; begin < trials.size(); begin += kAtOnce) {
      const size_t end = std::min(begin + kAtOnce, trials.size());
      if (progress_) progress_(done_ += 0.04, "networks of mixed bits");
      std::vector<LayerBits> choices;
      for (size_t i = begin; i < end; i++) choices.push_back(layer_bits(trials[i]));
      std::vector<Graph> fitted = fitted_with_bits(graph_, options_, samples_, choices);
      for (size_t i = begin; i < end; i++) {
        Made& made =
            all.emplace_back(Made{trials[i], quantized_as_fitted(fitted[i - begin], options_)});
        made.trial.constant_bytes = constant_bytes(made.graph);
        made.trial.divergence = reference_.of(made.graph);
      }
    }
    return all;
  }

  void make_front() {
    std::vector<BitsTrial> wanted;
    for (int64_t share = 2; share < kFrontShares; share++)
      for (BitsTrial& trial : within(found_.uniform_bytes * share / kFrontShares, 1))
        wanted.push_back(std::move(trial));
    std::vector<BitsTrial> points{found_.tried[0]};
    for (Made& made : make(std::move(wanted))) points.push_back(std::move(made.trial));
    std::ranges::stable_sort(points, {}, [&](const BitsTrial& trial) {
      return std::tuple(trial.constant_bytes, trial.divergence.loss());
    });
    for (BitsTrial& point : points)
      if (found_.front.empty() || point.divergence.loss() < found_.front.back().divergence.loss())
        found_.front.push_back(std::move(point));
  }

  const Graph& graph_;
  const QuantizeOptions& options_;
  const CalibrationSamples& samples_;
  const evaluate::Reference& reference_;
  MixedBits& found_;
  const SearchProgress& progress_;
  std::vector<KnapsackGroup> groups_;  // by layer
  double done_ = 0.5;
  int64_t rest_bytes_ = 0;  // of constants that are not these layers'
};

Json json_of(const BitsTrial& trial) {
  Json json{{"bits", trial.bits},
            {"budget_bytes", trial.budget_bytes},
            {"predicted_bytes", trial.predicted_bytes},
            {"predicted_loss", trial.predicted_loss},
            {"constant_bytes", trial.constant_bytes}};
  json.update(evaluate::json_of(trial.divergence));
  return json;
}

Json json_of(const std::vector<BitsTrial>& trials) {
  Json json = Json::array();
  for (const BitsTrial& trial : trials) json.push_back(json_of(trial));
  return json;
}

}  // namespace

Json json_of(const MixedBits& found) {
  Json layers = Json::array(), sensitivity = Json::array();
  for (const SearchedLayer& layer : found.sensitivities.layers) {
    layers.push_back(layer.name);
    for (const LayerSensitivity& each : layer.sensitivity) {
      Json row{{"layer", layer.name}, {"bits", each.bits}, {"constant_bytes", each.constant_bytes}};
      row.update(evaluate::json_of(each.divergence));
      sensitivity.push_back(std::move(row));
    }
  }
  return {{"loss", found.sensitivities.divergence.classes ? "kl" : "squared_error"},
          {"budget_bytes", found.budget_bytes},
          {"uniform_bytes", found.uniform_bytes},
          {"layers", layers},
          {"bits", found.tried.at(0).bits},
          {"sensitivity", sensitivity},
          {"tried", json_of(found.tried)},
          {"front", json_of(found.front)}};
}

Graph quantize_with_mixed_bits(const Graph& graph, const QuantizeOptions& options,
                               const CalibrationSamples& samples,
                               const evaluate::Reference& reference, MixedBits& found,
                               const SearchProgress& progress) {
  return BitsSearch(graph, options, samples, reference, found, progress).run();
}

}  // namespace mote::compress
