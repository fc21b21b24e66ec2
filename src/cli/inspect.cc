// `mote inspect`: what a model consists of and what it will cost.
#include <fmt/format.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/firmware.h"
#include "cli/model.h"
#include "cli/optimization.h"
#include "cli/output.h"
#include "evaluate/inspection.h"
#include "evaluate/json.h"
#include "evaluate/model.h"
#include "ir/node.h"
#include "ir/text.h"
#include "zoo/zoo.h"

namespace mote::cli {
namespace {

struct InspectOptions : Common {
  std::string model, prefer = "balance";
  bool text = false;
  bool no_optimize = false;
};

Json tensors(const Graph& graph, const std::vector<ValueId>& ids) {
  Json list = Json::array();
  for (ValueId id : ids) {
    const TensorType& type = graph.value(id).type;
    Json tensor{
        {"name", graph.value(id).name}, {"dtype", name_of(type.dtype)}, {"shape", type.shape}};
    if (type.quantization) {
      tensor["scale"] = type.quantization->scale;
      tensor["zero_point"] = type.quantization->zero_point;
    }
    list.push_back(tensor);
  }
  return list;
}

std::string joined(const std::vector<TensorType>& types) {
  std::string text;
  for (const TensorType& type : types) text += (text.empty() ? "" : ", ") + to_string(type);
  return text;
}

std::string shapes_of(const std::vector<TensorType>& types) {
  std::string text;
  for (const TensorType& type : types) text += (text.empty() ? "" : ", ") + to_string(type.shape);
  return text;
}

Json fields_of(const Graph& graph, const evaluate::Inspection& inspection,
               const std::string& network, int64_t file_bytes) {
  Json operators = Json::array();
  for (const evaluate::LayerFacts& layer : inspection.layers)
    operators.push_back({{"name", layer.name},
                         {"operator", layer.op},
                         {"output", joined(layer.outputs)},
                         {"macs", layer.macs},
                         {"parameters", layer.parameters},
                         {"weight_bits", layer.weight_bits},
                         {"weight_bytes", layer.weight_bytes}});
  Json plan = Json::array();
  for (const Buffer& buffer : inspection.plan.buffers)
    plan.push_back({{"name", buffer.name},
                    {"size_bytes", buffer.size_bytes},
                    {"offset_bytes", buffer.offset_bytes},
                    {"first_use", buffer.first_use},
                    {"last_use", buffer.last_use}});
  return {{"model", graph.name},
          {"network", network},
          {"inputs", tensors(graph, graph.inputs)},
          {"outputs", tensors(graph, graph.outputs)},
          {"labels", graph.labels},
          {"macs", inspection.macs},
          {"parameters", inspection.parameters},
          {"file_bytes", file_bytes},
          {"constant_bytes", inspection.constant_bytes},
          {"constants", evaluate::json_of(inspection.constants)},
          {"operators", operators},
          {"weights", evaluate::json_of(inspection.weights)},
          {"peak_ram_bytes", inspection.plan.peak_bytes},
          {"ram_lower_bound_bytes", inspection.plan.lower_bound_bytes},
          {"ram_plan_optimal", inspection.plan.optimal},
          {"optimization", optimization_fields(inspection.optimization)},
          {"memory_plan", plan}};
}

// Converters join the names of all the nodes that they fused; a table has no room for that.
std::string shortened(const std::string& name) {
  constexpr size_t kLimit = 40;
  return name.size() <= kLimit ? name : name.substr(0, kLimit - 3) + "...";
}

std::string ports(const Graph& graph, const std::vector<ValueId>& ids) {
  std::string text;
  for (ValueId id : ids)
    text +=
        (text.empty() ? "" : ", ") + graph.value(id).name + " " + to_string(graph.value(id).type);
  return text;
}

std::string inspection_text(const Graph& graph, const evaluate::Inspection& inspection,
                            const std::string& network, int64_t file_bytes) {
  Table layers({"layer", "operator", "output", "MACs", "parameters", "bits", "constants (B)"});
  for (const evaluate::LayerFacts& layer : inspection.layers)
    layers.add({shortened(layer.name), layer.op, shapes_of(layer.outputs), grouped(layer.macs),
                grouped(layer.parameters),
                layer.weight_bits ? std::to_string(layer.weight_bits) : "",
                layer.weight_bytes ? grouped(layer.weight_bytes) : ""});
  Table buffers({"buffer", "offset (B)", "size (B)", "first use", "last use"});
  for (const Buffer& buffer : inspection.plan.buffers)
    buffers.add({shortened(buffer.name), grouped(buffer.offset_bytes), grouped(buffer.size_bytes),
                 grouped(buffer.first_use), grouped(buffer.last_use)});
  Table weights({"weights", "storage", "bytes", "of them masks", "kernel"});
  for (const deploy::WeightsFacts& facts : inspection.weights)
    weights.add({shortened(facts.layer), facts.storage, grouped(facts.bytes),
                 facts.mask_bytes ? grouped(facts.mask_bytes) : "", facts.variant});
  return layers.text() + "\nweights, as `deploy` stores them\n" + weights.text() +
         "\nmemory plan, as `deploy` lowers the graph\n" + buffers.text() + "\n" +
         facts({{"network", network},
                {"inputs", ports(graph, graph.inputs)},
                {"outputs", ports(graph, graph.outputs)},
                {"MACs", grouped(inspection.macs)},
                {"parameters", grouped(inspection.parameters)},
                {"optimization removes", removed_text(inspection.optimization)},
                {"MACs then", grouped(inspection.optimization.after.macs)},
                {"file", file_bytes ? grouped(file_bytes) + " B" : "-"},
                {"network constants", grouped(inspection.constant_bytes) + " B"},
                {"  values of weights", grouped(inspection.constants.values) + " B"},
                {"  masks", grouped(inspection.constants.masks) + " B"},
                {"  biases", grouped(inspection.constants.biases) + " B"},
                {"  multipliers and others", grouped(inspection.constants.others) + " B"},
                {"peak of activations", grouped(inspection.plan.peak_bytes) + " B"},
                {"lower bound",
                 grouped(inspection.plan.lower_bound_bytes) + " B (the plan is " +
                     (inspection.plan.optimal ? "optimal)" : "not proven to be optimal)")}});
}

void run(const InspectOptions& options) {
  const Graph graph = open_model(options, options.model);
  if (options.text) {
    const std::string text = print(graph).text;
    return print_result(options, "inspect.text", {{"text", text}}, text);
  }
  const evaluate::Inspection inspection =
      evaluate::inspect(graph, options.no_optimize ? evaluate::Passes::none : evaluate::Passes::all,
                        deploy::preference(options.prefer));
  const int64_t file_bytes = evaluate::file_sizes(options.model).file_bytes;
  const std::string network =
      evaluate::is_zoo(options.model) ? zoo::full_name(options.model) : graph.name;
  print_result(options, "inspect", fields_of(graph, inspection, network, file_bytes),
               inspection_text(graph, inspection, network, file_bytes));
}

}  // namespace

void add_inspect(CLI::App& app) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* verb = add_verb(app, "inspect", "Shows a model's layers, sizes and memory plan",
                            "mote inspect model.tflite\n"
                            "mote inspect zoo:resnet8 --text\n"
                            "mote inspect 'zoo:mobilenet_v2?width=0.5&input=32x32x3&classes=10'\n"
                            "mote inspect model.tflite --json",
                            *options);
  verb->add_option("MODEL", options->model, "A .tflite or .mote file, or zoo:NAME")->required();
  verb->add_flag("--text", options->text, "Print the graph in its text form instead");
  add_prefer(verb, options->prefer);
  add_no_optimize(verb, options->no_optimize);
  on_run(verb, options, run);
}

}  // namespace mote::cli
