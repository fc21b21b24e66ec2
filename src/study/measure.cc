// What a compressed network is worth: accuracy on the test split, firmware on the device, layers,
// memory plan, the host's latency. Whatever else is measured of a cell comes in here.
#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "compress/prune/prune.h"
#include "deploy/devices/device.h"
#include "evaluate/evaluate.h"
#include "evaluate/firmware.h"
#include "evaluate/inspection.h"
#include "evaluate/json.h"
#include "evaluate/latency.h"
#include "evaluate/layer_error.h"
#include "evaluate/model.h"
#include "evaluate/notes.h"
#include "ir/node.h"
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
  const auto runner =
      evaluate::make_engine(evaluate::kDefaultEngine, graph, {.threads = at.options.threads});
  const evaluate::Evaluation evaluation = evaluate::evaluate(
      *runner, graph, split, at.task.inputs.at("limit"), [&](int32_t done, int32_t total) {
        at.progress({0.5 * done / total, fmt::format("image {} of {}", done, total)});
      });
  const evaluate::Metrics& m = evaluation.metrics;
  const auto labels = std::span(split.labels).first(evaluation.predictions.size());
  const std::vector<int32_t> baseline = baseline_predictions(at, evaluation.predictions.size());
  const evaluate::McNemar test = evaluate::mcnemar(baseline, evaluation.predictions, labels);
  const Columns columns = columns_of(m, at.data.class_names);
  Json json{{"engine", evaluate::kDefaultEngine}, {"split", "test"}};
  json.update(evaluate::json_of(m));
  const std::vector<std::string> notes = evaluate::notes_on(graph, split, at.data.classes());
  if (!notes.empty()) json["notes"] = notes;
  json.update({{"classes", columns.names},
               {"precision", columns.precision},
               {"recall", columns.recall},
               {"f1", columns.f1},
               {"support", columns.support},
               {"confusion", m.confusion},
               {"baseline_top1", evaluate::metrics_of(baseline, labels).top1},
               {"mcnemar_p", test.p},
               {"mcnemar_method", name_of(test.method)}});
  return json;
}

evaluate::FirmwareFigures firmware_figures(const Workplace& at, const Graph& graph,
                                           const deploy::Device& device) {
  at.progress({0.5, "firmware"});
  evaluate::FirmwareFigures figures =
      evaluate::firmware_figures(graph, device, evaluate::firmware_options(graph, "model"),
                                 datasets::split_of(at.data, "test"), at.task.inputs.at("samples"));
  // A compiler that is not installed says nothing about the model: not a result.
  if (!figures.not_linked.empty() && device.core.starts_with("cortex-m"))
    throw Error(ErrorKind::unsupported, figures.not_linked, device.name);
  return figures;
}

// What is not known is left out; what does not fit says by how much.
Json firmware_of(const deploy::Device& device, const evaluate::FirmwareFigures& figures) {
  Json json{
      {"device", device.name}, {"description", device.description}, {"clock_hz", device.clock_hz}};
  const Json known = evaluate::json_of(figures);
  for (const auto& [key, value] : known.items())
    if (!value.is_null()) json[key] = value;
  if (figures.over_budget) {
    json["reason"] = figures.over_budget->reason;
    json["flash_limit_bytes"] = device.flash_bytes;
    json["ram_limit_bytes"] = device.ram_bytes;
  }
  if (figures.check) return json;
  json.erase("samples");
  if (figures.over_budget)
    json["ram_bytes"] = figures.size.arena_bytes + figures.size.static_bytes;  // without its stack
  else
    json["not_run"] =
        figures.not_linked.empty() ? "no emulator has this board" : figures.not_linked;
  return json;
}

// By layer how far it alone moves the logits away; nothing where all is float.
std::vector<std::optional<double>> layer_errors(const Workplace& at, const Graph& graph,
                                                const std::string& scheme) {
  if (scheme == name_of(Scheme::float32))
    return std::vector<std::optional<double>>(graph.nodes.size());
  at.progress({0.8, "error by layer"});
  // The test split blames no layer.
  return evaluate::layer_error(open_model(at, at.origin()), graph, at.data.train,
                               {.threads = at.options.threads});
}

// What the recipe has pruned: of which records tell where it has.
std::vector<compress::Sparsity> sparsity_of(const Workplace& at, const Graph& graph) {
  const auto record = at.store.record(at.task.inputs.at("compress"));
  if (!record->at("result").contains("layers")) return {};
  return compress::sparsity_by_layer(graph);
}

// Columns by node of the graph; null where a node has no weights.
void add_sparsity(Json& json, const std::vector<compress::Sparsity>& sparsity) {
  if (sparsity.empty()) return;
  Json weights = Json::array(), zeros = Json::array();
  auto layer = sparsity.begin();
  for (const auto& name : json.at("name")) {
    const bool has_weights = layer != sparsity.end() && layer->layer == name;
    weights.push_back(has_weights ? Json(layer->weights) : Json());
    zeros.push_back(has_weights ? Json(layer->zeros) : Json());
    if (has_weights) ++layer;
  }
  json["weights"] = weights;
  json["zeros"] = zeros;
}

// What each has of the device's constants: the columns of evaluate::json_of(ConstantBytes).
void add_constants(Json& json, const std::vector<deploy::ConstantBytes>& layers) {
  for (const deploy::ConstantBytes& layer : layers) {
    const Json bytes = evaluate::json_of(layer);
    for (const auto& [key, value] : bytes.items()) json[key].push_back(value);
  }
}

// Columns. Layers that run as one call on the device have their instructions in the first.
Json layers_of(const evaluate::Inspection& inspection, const evaluate::FirmwareFigures& figures,
               const std::vector<std::optional<double>>& errors) {
  Json names = Json::array(), ops = Json::array(), macs = Json::array(), bytes = Json::array(),
       instructions = Json::array(), snr = Json::array();
  for (size_t i = 0; i < inspection.layers.size(); i++) {
    const evaluate::LayerFacts& layer = inspection.layers[i];
    names.push_back(layer.name);
    ops.push_back(layer.op);
    macs.push_back(layer.macs);
    bytes.push_back(layer.weight_bytes);
    if (figures.check) instructions.push_back(figures.check->layers.at(i).instructions());
    snr.push_back(errors.at(i) ? Json(*errors[i]) : Json());
  }
  Json json{{"name", names}, {"op", ops}, {"macs", macs}, {"weight_bytes", bytes}};
  if (figures.check) json["instructions"] = instructions;
  json["snr_db"] = snr;
  add_constants(json, figures.layer_constants);
  return json;
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

Json run_measure(const Workplace& at, Json& timing) {
  const std::string source = at.task.sources.at("device");
  if (device_json(source) != at.task.inputs.at("device"))
    throw Error(ErrorKind::invalid_input, "the device is not what the study was planned with",
                source, "start the study again");
  const deploy::Device device = deploy::load_device(source);
  const Graph graph = open_model(at, "compress");
  const evaluate::FileSizes sizes = evaluate::file_sizes(at.file_of("compress", kModel));
  const evaluate::Inspection inspection = evaluate::inspect(graph);
  const std::string scheme =
      at.store.record(at.task.inputs.at("compress"))->at("result").at("scheme");
  const Json evaluation = evaluation_of(at, graph);
  const evaluate::FirmwareFigures figures = firmware_figures(at, graph, device);
  const auto errors = layer_errors(at, graph, scheme);
  timing["latency"] =
      evaluate::json_of(evaluate::measure_latency(graph, datasets::split_of(at.data, "test")));
  const std::vector<compress::Sparsity> sparsity = sparsity_of(at, graph);
  Json json{{"model",
             {{"scheme", scheme},
              {"parameters", inspection.parameters},
              {"macs", inspection.macs},
              {"file_bytes", sizes.file_bytes},
              {"gzip_bytes", sizes.gzip_bytes}}},
            {"evaluation", evaluation},
            {"firmware", firmware_of(device, figures)},
            {"layers", layers_of(inspection, figures, errors)},
            {"memory_plan", memory_plan_of(inspection.plan)}};
  add_sparsity(json["layers"], sparsity);
  if (!sparsity.empty()) json["model"]["sparsity"] = compress::sum_of(sparsity).fraction();
  return json;
}

}  // namespace mote::study
