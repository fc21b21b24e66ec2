#include "compress/search/techniques.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "compress/equalize/equalize.h"
#include "evaluate/json.h"

namespace mote::compress {
namespace {

constexpr Observer kTriedObservers[] = {Observer::min_max, Observer::percentile, Observer::mse};

int32_t changes_of(const Technique& technique) {
  const Technique plain;
  return (technique.equalize ? 1 : 0) + (technique.observer != plain.observer ? 1 : 0) +
         (technique.scales != plain.scales ? 1 : 0) +
         (technique.rounding != plain.rounding ? 1 : 0) + (technique.bias_correction ? 1 : 0);
}

// Ranges found for the network as it is or equalized.
Graph calibrated(const Graph& graph, const Technique& technique, CalibrateOptions options,
                 const CalibrationSamples& samples) {
  Graph result = graph;
  if (technique.equalize) equalize(result, EqualizeBy::weights, samples);
  options.observer = technique.observer;
  calibrate(result, {samples.inputs.begin(), samples.inputs.end()}, samples.count, options);
  return result;
}

QuantizeOptions with_technique(QuantizeOptions options, const Technique& technique) {
  options.scales = technique.scales;
  options.rounding = technique.rounding;
  options.refits = 0;
  options.bias_correction = technique.bias_correction;
  options.constants = 0;
  return options;
}

}  // namespace

std::vector<Technique> techniques() {
  std::vector<Technique> all;
  for (const bool equalized : {false, true})
    for (const Rounding rounding : {Rounding::nearest, Rounding::gptq})
      for (const bool bias : {false, true})
        for (const WeightScale scales : {WeightScale::min_max, WeightScale::mse})
          for (const Observer observer : kTriedObservers)
            all.push_back({equalized, observer, scales, rounding, bias});
  std::ranges::stable_sort(all, {}, changes_of);
  return all;
}

bool better(const evaluate::Divergence& a, const evaluate::Divergence& b) {
  return std::tuple(-a.agreement, a.kl, a.squared_error) <
         std::tuple(-b.agreement, b.kl, b.squared_error);
}

Graph quantize_with_best_technique(const Graph& graph, const CalibrateOptions& calibrate,
                                   const QuantizeOptions& quantize,
                                   const CalibrationSamples& samples,
                                   const evaluate::Reference& judge, ChosenTechnique& found,
                                   const SearchProgress& progress) {
  found = {};
  found.calibration_samples = samples.count;
  found.judging_samples = judge.count();
  const std::vector<Technique> all = techniques();
  std::map<std::pair<bool, Observer>, Graph> ranges;
  Graph best;
  for (const Technique& technique : all) {
    if (progress)
      progress(static_cast<double>(found.tried.size()) / static_cast<double>(all.size()),
               fmt::format("technique {} of {}", found.tried.size() + 1, all.size()));
    const auto [entry, fresh] = ranges.try_emplace({technique.equalize, technique.observer});
    if (fresh) entry->second = calibrated(graph, technique, calibrate, samples);
    Graph result = compress::quantize(entry->second, with_technique(quantize, technique), samples);
    found.tried.push_back({technique, judge.of(result)});
    const bool first = found.tried.size() == 1;
    if (!first && !better(found.tried.back().divergence, found.tried[found.best].divergence))
      continue;
    found.best = found.tried.size() - 1;
    best = std::move(result);
  }
  return best;
}

Json json_of(const ChosenTechnique& found) {
  Json tried = Json::array();
  for (const TechniqueTrial& trial : found.tried) {
    const Technique& t = trial.technique;
    Json row{{"equalize", t.equalize},
             {"observer", choice_name(t.observer)},
             {"scales", choice_name(t.scales)},
             {"rounding", choice_name(t.rounding)},
             {"bias_correction", t.bias_correction}};
    row.update(evaluate::json_of(trial.divergence));
    tried.push_back(std::move(row));
  }
  return {{"calibration_samples", found.calibration_samples},
          {"judging_samples", found.judging_samples},
          {"best", found.best},
          {"tried", tried}};
}

}  // namespace mote::compress
