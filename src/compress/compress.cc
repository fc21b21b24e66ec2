#include "compress/compress.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/random.h"
#include "base/zip.h"
#include "compress/fine_tune.h"
#include "compress/json.h"
#include "compress/quantize/annotate.h"
#include "datasets/split.h"
#include "evaluate/preprocess.h"
#include "evaluate/samples.h"
#include "ir/mote_file.h"
#include "ir/node.h"
#include "ir/text.h"
#include "passes/pipeline.h"

namespace mote::compress {
namespace {

// `count` of the samples behind the first `skipped`, chosen by seed, in the split's order.
datasets::Split choose(const datasets::Split& samples, int32_t count, uint64_t seed,
                       int32_t skipped = 0) {
  std::vector<int32_t> order(static_cast<size_t>(samples.count()));
  std::iota(order.begin(), order.end(), 0);
  Random random(seed, "calibration");
  random.shuffle(std::span(order));
  order.erase(order.begin(), order.begin() + std::min(skipped, samples.count()));
  order.resize(std::min(order.size(), static_cast<size_t>(count)));
  std::ranges::sort(order);
  return datasets::select(samples, order);
}

// What each input can hold, whatever the samples do; nothing where it has no raw pixels.
std::vector<std::optional<RealRange>> pixel_ranges(const Graph& graph,
                                                   const datasets::Split& samples) {
  std::vector<std::optional<RealRange>> ranges(graph.inputs.size());
  for (size_t i = 0; i < ranges.size(); i++) {
    const Array& array = i == 0 ? samples.images : samples.more.at(i - 1);
    if (array.dtype == DType::uint8)
      ranges[i] = evaluate::pixel_range(graph.preprocessing.empty() ? Preprocessing{}
                                                                    : graph.preprocessing[i]);
  }
  return ranges;
}

struct Context {
  const Graph& model;  // optimized
  const Recipe& recipe;
  const datasets::Split& samples;
  const CompressOptions& options;
  int32_t step = 0;  // from 1
};

void check_samples(const Graph& graph, const Context& context, const char* does) {
  if (context.samples.count() > 0) return;
  throw Error(
      ErrorKind::usage,
      fmt::format("the recipe '{}' {}, and there are no samples", context.recipe.name, does),
      graph.name, "give --data; `dynamic_range` and `float16` need none");
}

// As many of the samples, as the graph's inputs.
struct Chosen {
  std::vector<Bytes> inputs;
  int32_t count;
};

Chosen choose_inputs(const Graph& graph, const Context& context, int32_t count) {
  const datasets::Split chosen = choose(context.samples, count, context.options.seed);
  return {evaluate::encode(graph, chosen, 0, chosen.count()), chosen.count()};
}

void apply(Graph& graph, const EqualizeStep& step, const Context& context) {
  check_samples(graph, context, "equalizes");
  const Chosen chosen = choose_inputs(graph, context, step.samples);
  equalize(graph, step.by, {chosen.inputs, chosen.count});
}

void apply(Graph& graph, const CalibrateStep& step, const Context& context) {
  check_samples(graph, context, "calibrates");
  const Chosen chosen = choose_inputs(graph, context, step.samples);
  calibrate(graph, chosen.inputs, chosen.count,
            {step.observer, pixel_ranges(graph, context.samples), context.recipe.scheme(),
             step.percentile});
}

SearchProgress search_progress(const Context& context) {
  if (!context.options.progress) return {};
  return [&context](double done, const std::string& what) {
    const auto steps = static_cast<int32_t>(context.recipe.steps.size());
    context.options.progress({context.step, steps, what, {}, done});
  };
}

Graph mixed_bits(const Graph& graph, const QuantizeStep& step, const Context& context) {
  const datasets::Split chosen = choose(context.samples, step.samples, context.options.seed);
  const std::vector<Bytes> inputs = evaluate::encode(graph, chosen, 0, chosen.count());
  const evaluate::Reference reference(graph, chosen, context.options.training.threads);
  MixedBits found;
  Graph result = quantize_with_mixed_bits(graph, step, {inputs, chosen.count()}, reference, found,
                                          search_progress(context));
  if (context.options.found_bits) context.options.found_bits(found);
  return result;
}

// What was trained is not fitted to samples again. How many of these answer as it did is told.
void make_integers(Graph& graph, const QuantizeStep& step, const Context& context) {
  constexpr int32_t kSamples = 4000;
  QuantizeStep as_trained = step;
  as_trained.rounding = Rounding::nearest;
  as_trained.bias_correction = false;
  const Graph trained = std::exchange(graph, quantize(graph, as_trained));
  if (context.options.agreement)
    context.options.agreement(
        agreement_of(trained, graph, choose(context.samples, kSamples, context.options.seed)));
}

void apply(Graph& graph, const QuantizeStep& step, const Context& context) {
  if (context.recipe.trains_integers()) return make_integers(graph, step, context);
  if (!step.looks_at_samples()) {
    graph = quantize(graph, step);
    return;
  }
  check_samples(graph, context, "rounds by what samples say");
  if (step.chooses_bits()) {
    graph = mixed_bits(graph, step, context);
    return;
  }
  const Chosen chosen = choose_inputs(graph, context, step.samples);
  graph = quantize(graph, step, {chosen.inputs, chosen.count});
}

// Where there are too few samples, half of them judge.
void apply(Graph& graph, const ChooseStep& step, const Context& context) {
  check_samples(graph, context, "chooses among techniques");
  const int32_t all = context.samples.count();
  if (all < 2)
    throw Error(ErrorKind::usage, "one sample cannot both calibrate and judge", graph.name,
                "give more");
  const int32_t judges = std::min(step.judges, std::max(all - step.samples, all / 2));
  const Chosen chosen = choose_inputs(graph, context, std::min(step.samples, all - judges));
  const datasets::Split others =
      choose(context.samples, judges, context.options.seed, chosen.count);
  const evaluate::Reference judge(graph, others, context.options.training.threads);
  const CalibrateOptions ranges{.input_ranges = pixel_ranges(graph, context.samples),
                                .scheme = context.recipe.scheme()};
  ChosenTechnique found;
  graph = quantize_with_best_technique(graph, ranges, step.quantize, {chosen.inputs, chosen.count},
                                       judge, found, search_progress(context));
  if (context.options.found_technique) context.options.found_technique(found);
}

FineTuneOptions fine_tune_options(const Context& context, const char* what) {
  const auto& options = context.options;
  TrainCallback progress;
  if (options.progress)
    progress = [&context, what](const TrainProgress& p) {
      const auto steps = static_cast<int32_t>(context.recipe.steps.size());
      context.options.progress({context.step, steps, what, p, 0});
    };
  return {options.seed, options.training, context.recipe.scheme(), options.checkpoint, progress};
}

void apply(Graph& graph, const PruneStep& step, const Context& context) {
  const Criterion criterion = step.options.criterion;
  if (step.training || criterion == Criterion::taylor || criterion == Criterion::reconstruction)
    check_samples(graph, context, "prunes by what samples say");
  graph =
      fine_tune(graph, context.model, step, context.samples, fine_tune_options(context, "prune"));
}

void apply(Graph& graph, const TrainStep& step, const Context& context) {
  check_samples(graph, context, "trains");
  const QuantizeStep* quantize = context.recipe.quantize_step();
  if (is_annotated(graph) && quantize->chooses_bits())
    throw Error(ErrorKind::usage, "bits are trained that are yet to be chosen", context.recipe.name,
                "say `layer_bits`, by a search without training");
  if (is_annotated(graph) && !has_annotated_weights(graph)) {
    const Chosen chosen = choose_inputs(graph, context, quantize->samples);
    graph = with_annotated_weights(graph, *quantize, {chosen.inputs, chosen.count});
  }
  graph =
      fine_tune(graph, context.model, step, context.samples, fine_tune_options(context, "train"));
}

bool trains(const Step& step) {
  return Recipe{.name = {}, .description = {}, .steps = {step}}.trains();
}

// Indices and shapes may be int32, int64 or bool; numbers must still be float32.
void check_float(const Graph& model) {
  constexpr DType kCompressed[] = {DType::float16, DType::int8, DType::uint8, DType::int16};
  for (const Value& value : model.values)
    if (std::ranges::count(kCompressed, value.type.dtype) > 0)
      throw Error(ErrorKind::unsupported,
                  fmt::format("the model is quantized already: {}", to_string(value.type)),
                  fmt::format("{}: value '{}'", model.name, value.name),
                  "compress the float32 model that it was made from");
}

// A scheme would hide them, clamp them, or carry them into every output.
void check_finite(const Graph& model) {
  for (const Node& node : model.nodes) {
    int64_t odd = 0, all = 0;
    for (const ValueId id : node.inputs) {
      if (id == kNoValue || !model.value(id).constant()) continue;
      if (model.value(id).type.dtype != DType::float32) continue;
      const auto numbers = data_as<float>(model.value(id));
      all += std::ssize(numbers);
      odd += std::ranges::count_if(numbers, [](float number) { return !std::isfinite(number); });
    }
    if (odd > 0)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("{} of its {} weights are infinite or no numbers", odd, all),
                  fmt::format("{}: {}", model.name, describe(node)),
                  "train or convert the model anew");
  }
}

// What has to be the same for finished steps to be taken over.
std::string fingerprint_of(const Context& context) {
  const std::string text = print(context.model).text;
  const datasets::Split& samples = context.samples;
  return fmt::format("{}\n{}\nmodel {:08x}\nsamples {} {:08x}\nseed {}\n",
                     json_of(context.recipe).dump(), json_of(context.options.training).dump(),
                     crc32_of({reinterpret_cast<const uint8_t*>(text.data()), text.size()}),
                     samples.count(), crc32_of(samples.images.data), context.options.seed);
}

constexpr const char* kSteps = "compress/steps.txt";  // how many are done, and of what

std::string steps_path(const Checkpoint& checkpoint) {
  constexpr std::string_view kSuffix = ".mote";
  std::string path = checkpoint.path;
  if (path.ends_with(kSuffix)) path.resize(path.size() - kSuffix.size());
  return path + ".steps.mote";
}

void write_steps(const Graph& graph, const Context& context) {
  const Checkpoint& checkpoint = context.options.checkpoint;
  if (checkpoint.path.empty()) return;
  const std::string text = fmt::format("{}\n{}", context.step, fingerprint_of(context));
  // The training's first: were it left, the next one would find it.
  std::filesystem::remove(checkpoint.path);
  write_mote_file(steps_path(checkpoint), graph, {{kSteps, Bytes(text.begin(), text.end())}});
}

// The graph after the steps that were done before, whose number becomes context.step; nothing where
// there are none.
std::optional<Graph> read_steps(Context& context) {
  const Checkpoint& checkpoint = context.options.checkpoint;
  const std::string path = steps_path(checkpoint);
  if (checkpoint.path.empty() || !checkpoint.resume || !std::filesystem::exists(path))
    return std::nullopt;
  MoteFile file = read_mote_file(path);
  const Bytes& bytes = file.extra[kSteps];
  const std::string text(bytes.begin(), bytes.end());
  const size_t end = std::min(text.find('\n'), text.size());
  const auto done = parse_number<int32_t>(text.substr(0, end));
  if (!done || *done < 1 || *done > std::ssize(context.recipe.steps))
    throw Error(ErrorKind::invalid_input, "no checkpoint of a compression", path,
                "remove it to start anew");
  if (text.substr(end + 1) != fingerprint_of(context))
    throw Error(ErrorKind::usage, "begun with another model, recipe, data or seed", path,
                "resume with the same, or remove the checkpoint");
  context.step = *done;
  return std::move(file.graph);
}

}  // namespace

Graph compress(const Graph& model, const Recipe& recipe, const datasets::Split& samples,
               const CompressOptions& options) {
  check_float(model);
  check_finite(model);
  Graph optimized = model;
  passes::optimize(optimized);
  Context context{optimized, recipe, samples, options};
  Graph graph = optimized;
  if (options.begun) {
    graph = options.begun->graph;
    context.step = options.begun->steps;
  }
  if (std::optional<Graph> done = read_steps(context)) graph = std::move(*done);
  while (context.step < std::ssize(recipe.steps)) {
    const Step& step = recipe.steps[static_cast<size_t>(context.step++)];
    std::visit([&](const auto& s) { apply(graph, s, context); }, step);
    if (trains(step)) write_steps(graph, context);
  }
  return graph;
}

std::vector<std::string> checkpoint_files(const Checkpoint& checkpoint) {
  if (checkpoint.path.empty()) return {};
  return {checkpoint.path, steps_path(checkpoint)};
}

void remove_checkpoint(const Checkpoint& checkpoint) {
  for (const std::string& path : checkpoint_files(checkpoint)) std::filesystem::remove(path);
}

}  // namespace mote::compress
