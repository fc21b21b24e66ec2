// <mote/model.h>: the verbs of the program, as functions. Tested by api_test.cc.
#include <mote/model.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/tensors.h"
#include "compress/compress.h"
#include "compress/train/train.h"
#include "datasets/dataset.h"
#include "deploy/devices/device.h"
#include "evaluate/arrays.h"
#include "evaluate/engine.h"
#include "evaluate/evaluate.h"
#include "evaluate/firmware.h"
#include "evaluate/inspection.h"
#include "evaluate/model.h"
#include "evaluate/notes.h"
#include "evaluate/preprocess.h"
#include "evaluate/samples.h"
#include "formats/model_file.h"
#include "ir/program.h"
#include "passes/pipeline.h"

namespace mote {
namespace {

Model model_of(Graph graph) {
  return Model(std::make_shared<const Graph>(std::move(graph)));
}

std::vector<TensorInfo> infos_of(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<TensorInfo> infos;
  for (ValueId id : ids) {
    const Value& value = graph.value(id);
    TensorInfo info{value.name, std::string(name_of(value.type.dtype)), value.type.shape};
    if (value.type.quantization) {
      info.scale = value.type.quantization->scale.at(0);
      info.zero_point = value.type.quantization->zero_point.at(0);
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

Evaluation public_form(evaluate::Evaluation evaluation,
                       const std::vector<std::string>& class_names) {
  const evaluate::Metrics& metrics = evaluation.metrics;
  Evaluation result;
  result.samples = metrics.samples;
  result.top1 = metrics.top1;
  result.top1_low = metrics.top1_interval.low;
  result.top1_high = metrics.top1_interval.high;
  for (const evaluate::ClassMetrics& of_class : metrics.per_class)
    result.per_class.push_back({datasets::class_name(class_names, result.per_class.size()),
                                of_class.samples, of_class.precision, of_class.recall,
                                of_class.f1});
  result.macro_precision = metrics.macro_precision;
  result.macro_recall = metrics.macro_recall;
  result.macro_f1 = metrics.macro_f1;
  result.predictions = std::move(evaluation.predictions);
  result.seconds = evaluation.seconds;
  return result;
}

FirmwareRun public_form(const evaluate::FirmwareCheck& check) {
  return {check.emulation.ram_bytes,    check.emulation.stack_bytes,
          check.emulation.instructions, check.samples,
          check.outputs_equal,          check.first_difference};
}

// The value of an option that is a choice among names.
template <class Choice>
void choose(Choice& chosen, const std::optional<std::string>& name, const char* option) {
  if (!name) return;
  const std::optional<Choice> choice = compress::choice_of<Choice>(*name);
  if (!choice)
    throw Error(ErrorKind::usage, fmt::format("there is no {} '{}'", option, *name), {},
                fmt::format("allowed: {}", fmt::join(compress::choices<Choice>(), ", ")));
  chosen = *choice;
}

compress::TrainOptions train_options(const std::string& network, const std::string& dataset,
                                     const TrainOptions& options) {
  compress::TrainOptions result = compress::default_options(network, dataset);
  result.seed = options.seed;
  result.epochs = options.epochs.value_or(result.epochs);
  result.batch = options.batch.value_or(result.batch);
  choose(result.optimizer, options.optimizer, "optimizer");
  result.learning_rate = options.learning_rate.value_or(result.learning_rate);
  choose(result.schedule, options.schedule, "schedule");
  result.momentum = options.momentum.value_or(result.momentum);
  result.beta2 = options.beta2.value_or(result.beta2);
  result.weight_decay = options.weight_decay.value_or(result.weight_decay);
  result.label_smoothing = options.label_smoothing.value_or(result.label_smoothing);
  result.ema_decay = options.ema_decay.value_or(result.ema_decay);
  result.flip = options.flip.value_or(result.flip);
  result.crop = options.crop.value_or(result.crop);
  result.cutout = options.cutout.value_or(result.cutout);
  result.affine = options.affine.value_or(result.affine);
  choose(result.bf16, options.bf16, "bf16");
  result.threads = options.threads.value_or(result.threads);
  return result;
}

}  // namespace

Model open(const std::string& model, uint64_t seed) {
  return model_of(evaluate::load_model(model, seed));
}

Model train(const std::string& network, const Dataset& data, const TrainOptions& options) {
  const auto progress = [&](const compress::TrainProgress& p) {
    if (options.progress)
      options.progress(p.epoch - 1 + static_cast<double>(p.step) / p.steps, p.epochs);
  };
  std::optional<Preprocessing> preprocessing;
  if (options.preprocess) preprocessing = evaluate::parse_preprocessing(*options.preprocess);
  return model_of(
      compress::train_network(network, data.content(), train_options(network, data.name(), options),
                              {options.checkpoint, options.resume}, progress, preprocessing)
          .graph);
}

Model::Model(std::shared_ptr<const Graph> graph) : graph_(std::move(graph)) {}

const std::string& Model::name() const {
  return graph_->name;
}

std::vector<TensorInfo> Model::inputs() const {
  return infos_of(*graph_, graph_->inputs);
}

std::vector<TensorInfo> Model::outputs() const {
  return infos_of(*graph_, graph_->outputs);
}

const std::vector<std::string>& Model::labels() const {
  return graph_->labels;
}

Inspection Model::inspect() const {
  const evaluate::Inspection inspection = evaluate::inspect(*graph_);
  Inspection result;
  for (const evaluate::LayerFacts& layer : inspection.layers)
    result.layers.push_back({layer.name, layer.op, layer.outputs.at(0).shape, layer.macs,
                             layer.parameters, layer.weight_bits, layer.weight_bytes});
  result.macs = inspection.macs;
  result.parameters = inspection.parameters;
  result.constant_bytes = inspection.constant_bytes;
  result.peak_ram_bytes = inspection.plan.peak_bytes;
  result.ram_lower_bound_bytes = inspection.plan.lower_bound_bytes;
  return result;
}

void Model::save(const std::string& path) const {
  formats::write_model(path, *graph_);
}

Model Model::optimize() const {
  return model_of(passes::optimized(*graph_));
}

Model Model::compress(const Dataset& data, const std::string& recipe,
                      const CompressOptions& options) const {
  const compress::CompressOptions settings{
      .seed = options.seed,
      .training = compress::default_options(graph_->name, data.content().name)};
  return model_of(
      compress::compress(*graph_, compress::load_recipe(recipe), data.content().train, settings));
}

Model Model::compress(const std::string& recipe, const CompressOptions& options) const {
  return model_of(
      compress::compress(*graph_, compress::load_recipe(recipe), {}, {.seed = options.seed}));
}

Model Model::with_preprocessing(const std::string& preprocess) const {
  Graph graph = *graph_;
  evaluate::set_preprocessing(graph, evaluate::parse_preprocessing(preprocess));
  return model_of(std::move(graph));
}

Evaluation Model::evaluate(const Dataset& data, const EvaluateOptions& options) const {
  const datasets::Split& split = datasets::split_of(data.content(), options.split);
  const auto engine = evaluate::make_engine(options.engine, *graph_, {.threads = options.threads});
  const auto progress = [&](int32_t done, int32_t total) {
    if (options.progress) options.progress(done, total);
  };
  Evaluation evaluation = public_form(
      evaluate::evaluate(*engine, *graph_, split, options.limit, progress), data.class_names());
  evaluation.notes = evaluate::notes_on(*graph_, split, data.content().classes());
  return evaluation;
}

Tensor Model::encode(const Tensor& images) const {
  return api::to_tensor(evaluate::encoded(*graph_, api::to_array(images, name())));
}

std::vector<Tensor> Model::run(const std::vector<Tensor>& inputs, const RunOptions& options) const {
  const auto engine = evaluate::make_engine(options.engine, *graph_, {.threads = options.threads});
  std::vector<Array> arrays;
  for (const Tensor& input : inputs) arrays.push_back(api::to_array(input, name()));
  std::vector<Tensor> outputs;
  for (Array& output : evaluate::run_arrays(*engine, *graph_, arrays))
    outputs.push_back(api::to_tensor(std::move(output)));
  return outputs;
}

Session Model::prepare(const PrepareOptions& options) const {
  return Session(std::make_shared<const Program>(evaluate::host_program(options.engine, *graph_)));
}

Deployment Model::deploy(const std::string& device, const std::string& directory,
                         const DeployOptions& options) const {
  const deploy::Device target = deploy::load_device(device, options.prefer);
  const Graph graph = passes::optimized(*graph_);
  const deploy::EmitOptions emit_options =
      evaluate::firmware_options(graph, options.name.empty() ? name() : options.name);
  std::vector<evaluate::Inputs> samples;
  if (options.run_on)
    samples = evaluate::sample_inputs(graph, datasets::test_or_train(options.run_on->content()),
                                      options.samples);
  else if (options.run)
    samples = evaluate::self_test_inputs(graph, options.samples);
  const evaluate::FirmwareFigures figures =
      evaluate::deploy_firmware(graph, target, emit_options, directory, samples);

  Deployment result;
  result.device = target.name;
  result.directory = directory;
  result.name = emit_options.name;
  result.constant_bytes = figures.size.constant_bytes;
  result.arena_bytes = figures.size.arena_bytes;
  result.not_linked = figures.not_linked;
  if (figures.not_linked.empty()) {
    result.flash_bytes = figures.size.flash_bytes;
    result.code_bytes = figures.size.code_bytes;
    result.static_bytes = figures.size.static_bytes;
  }
  if (figures.check) result.run = public_form(*figures.check);
  return result;
}

}  // namespace mote
