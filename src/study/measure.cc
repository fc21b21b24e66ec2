// What a compressed network is worth: accuracy on the test split, firmware on the device, layers,
// memory plan. Whatever else is measured of a cell comes in here, as one more part of the result.
#include <algorithm>

#include <fmt/format.h>

#include "deploy/devices/device.h"
#include "evaluate/evaluate.h"
#include "evaluate/firmware.h"
#include "evaluate/inspection.h"
#include "evaluate/model.h"
#include "ir/error.h"
#include "ir/npy.h"
#include "study/inputs.h"
#include "study/work.h"

namespace mote::study {
namespace {

// The float network's answers to the same images.
std::vector<int32_t> baseline_predictions(const Workplace& at, size_t samples) {
  const std::string path = at.file_of(at.origin(), kPredictions);
  const Array array = read_npy(path);
  if (array.dtype != DType::int32 || array.shape.size() != 1 ||
      static_cast<size_t>(array.shape[0]) < samples)
    throw Error(ErrorKind::invalid_input, "not the predictions of the test split", path,
                "remove its folder, and start the study again");
  std::vector<int32_t> predictions(samples);
  std::copy_n(reinterpret_cast<const int32_t*>(array.data.data()), samples, predictions.begin());
  return predictions;
}

struct Columns {
  Json names = Json::array(), precision = Json::array(), recall = Json::array(), f1 = Json::array(),
       support = Json::array();
};

Columns columns_of(const evaluate::Metrics& metrics, const std::vector<std::string>& names) {
  Columns columns;
  for (size_t c = 0; c < metrics.per_class.size(); c++) {
    const evaluate::ClassMetrics& of_class = metrics.per_class[c];
    columns.names.push_back(datasets::class_name(names, c));
    columns.precision.push_back(of_class.precision);
    columns.recall.push_back(of_class.recall);
    columns.f1.push_back(of_class.f1);
    columns.support.push_back(of_class.samples);
  }
  return columns;
}

Json evaluation_of(const Workplace& at, const Graph& graph) {
  const datasets::Split& split = datasets::split_of(at.data, "test");
  const std::string engine = evaluate::default_engine(graph);
  const auto runner = evaluate::make_engine(engine, graph, {.threads = at.options.threads});
  const evaluate::Evaluation evaluation = evaluate::evaluate(
      *runner, graph, split, at.task.inputs.at("limit"), [&](int32_t done, int32_t total) {
        at.progress({0.5 * done / total, fmt::format("image {} of {}", done, total)});
      });
  const evaluate::Metrics& m = evaluation.metrics;
  const auto labels = std::span(split.labels).first(evaluation.predictions.size());
  const std::vector<int32_t> baseline = baseline_predictions(at, evaluation.predictions.size());
  const evaluate::McNemar test = evaluate::mcnemar(baseline, evaluation.predictions, labels);
  const Columns columns = columns_of(m, at.data.class_names);
  return {{"engine", engine},
          {"split", "test"},
          {"samples", m.samples},
          {"top1", m.top1},
          {"top1_interval", {m.top1_interval.low, m.top1_interval.high}},
          {"macro_precision", m.macro_precision},
          {"macro_recall", m.macro_recall},
          {"macro_f1", m.macro_f1},
          {"classes", columns.names},
          {"precision", columns.precision},
          {"recall", columns.recall},
          {"f1", columns.f1},
          {"support", columns.support},
          {"confusion", m.confusion},
          {"baseline_top1", evaluate::metrics_of(baseline, labels).top1},
          {"mcnemar_p", test.p},
          {"mcnemar_method", name_of(test.method)}};
}

// What does not fit: by how much.
Json too_large(const deploy::Device& device, const evaluate::FirmwareFigures& figures) {
  const evaluate::OverBudget& over = *figures.over_budget;
  const deploy::FirmwareSize& size = figures.size;
  return {{"fits", false},
          {"reason", over.reason},
          {"flash_bytes", size.flash_bytes},
          {"flash_limit_bytes", device.flash_bytes},
          {"flash_over_bytes", over.flash_over_bytes},
          {"ram_bytes", size.arena_bytes + size.static_bytes},  // without its stack
          {"ram_limit_bytes", device.ram_bytes},
          {"ram_over_bytes", over.ram_over_bytes}};
}

Json sizes_of(const deploy::FirmwareSize& size) {
  return {{"constant_bytes", size.constant_bytes},
          {"code_bytes", size.code_bytes},
          {"flash_bytes", size.flash_bytes},
          {"arena_bytes", size.arena_bytes},
          {"static_bytes", size.static_bytes}};
}

Json run_of(const evaluate::FirmwareCheck& check) {
  return {{"stack_bytes", check.emulation.stack_bytes},
          {"ram_bytes", check.emulation.ram_bytes},
          {"instructions", check.emulation.instructions},
          {"outputs_equal", check.outputs_equal},
          {"samples", check.samples}};
}

Json firmware_of(const Workplace& at, const Graph& graph, const deploy::Device& device) {
  at.progress({0.5, "firmware"});
  const evaluate::FirmwareFigures figures = evaluate::firmware_figures(
      graph, device, evaluate::firmware_options(graph, "model"),
      datasets::split_of(at.data, "test").images, at.task.inputs.at("samples"));
  // A compiler that is not installed says nothing about the model: not a result.
  if (!figures.not_linked.empty() && device.core.starts_with("cortex-m"))
    throw Error(ErrorKind::unsupported, figures.not_linked, device.name);
  Json json{
      {"device", device.name}, {"description", device.description}, {"clock_hz", device.clock_hz}};
  if (figures.over_budget) {
    json.update(too_large(device, figures));
    return json;
  }
  json["fits"] = true;
  json.update(sizes_of(figures.size));
  if (figures.check)
    json.update(run_of(*figures.check));
  else
    json["not_run"] =
        figures.not_linked.empty() ? "no emulator has this board" : figures.not_linked;
  return json;
}

Json layers_of(const evaluate::Inspection& inspection) {
  Json names = Json::array(), ops = Json::array(), macs = Json::array(), bytes = Json::array();
  for (const evaluate::LayerFacts& layer : inspection.layers) {
    names.push_back(layer.name);
    ops.push_back(layer.op);
    macs.push_back(layer.macs);
    bytes.push_back(layer.weight_bytes);
  }
  return {{"name", names}, {"op", ops}, {"macs", macs}, {"weight_bytes", bytes}};
}

Json memory_plan_of(const MemoryPlan& plan) {
  Json names = Json::array(), sizes = Json::array(), offsets = Json::array(), first = Json::array(),
       last = Json::array();
  int32_t steps = 0;
  for (const Buffer& buffer : plan.buffers) {
    names.push_back(buffer.name);
    sizes.push_back(buffer.size_bytes);
    offsets.push_back(buffer.offset_bytes);
    first.push_back(buffer.first_use);
    last.push_back(buffer.last_use);
    steps = std::max(steps, buffer.last_use + 1);
  }
  return {{"peak_bytes", plan.peak_bytes},
          {"lower_bound_bytes", plan.lower_bound_bytes},
          {"steps", steps},
          {"buffers",
           {{"name", names},
            {"size_bytes", sizes},
            {"offset_bytes", offsets},
            {"first_use", first},
            {"last_use", last}}}};
}

}  // namespace

Json run_measure(const Workplace& at, Json&) {
  const std::string source = at.task.sources.at("device");
  if (device_json(source) != at.task.inputs.at("device"))
    throw Error(ErrorKind::invalid_input, "the device is not what the study was planned with",
                source, "start the study again");
  const Graph graph = open_model(at, "compress");
  const std::string path = at.file_of("compress", kModel);
  const evaluate::FileSizes sizes = evaluate::file_sizes(path);
  const evaluate::Inspection inspection = evaluate::inspect(graph);
  const Json compressed = at.store.record(at.task.inputs.at("compress"))->at("result");
  return {{"model",
           {{"scheme", compressed.at("scheme")},
            {"parameters", inspection.parameters},
            {"macs", inspection.macs},
            {"file_bytes", sizes.file_bytes},
            {"gzip_bytes", sizes.gzip_bytes}}},
          {"evaluation", evaluation_of(at, graph)},
          {"firmware", firmware_of(at, graph, deploy::load_device(source))},
          {"layers", layers_of(inspection)},
          {"memory_plan", memory_plan_of(inspection.plan)}};
}

}  // namespace mote::study
