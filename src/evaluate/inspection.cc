#include "evaluate/inspection.h"

#include "deploy/lower/lower.h"
#include "ir/node.h"
#include "ops/op_def.h"

namespace mote::evaluate {
namespace {

LayerFacts facts_of(const Graph& graph, const Node& node) {
  LayerFacts facts;
  facts.name = node.origin;
  facts.op = name_of(node.op);
  for (ValueId id : node.outputs) facts.outputs.push_back(graph.value(id).type);
  std::vector<TensorType> inputs;
  int64_t largest = 0;
  for (ValueId id : node.inputs) {
    inputs.push_back(id == kNoValue ? TensorType{} : widened_type(graph.value(id)));
    if (id == kNoValue || !graph.value(id).constant()) continue;
    const TensorType& type = graph.value(id).type;
    facts.weight_bytes += byte_size(type);
    if (byte_size(type) <= largest) continue;
    largest = byte_size(type);
    facts.weight_bits =
        type.quantization ? type.quantization->bits : static_cast<int32_t>(8 * size_of(type.dtype));
  }
  const Cost cost = op_def(node.op).cost(node.op, inputs, facts.outputs);
  facts.macs = cost.macs;
  facts.parameters = cost.parameters;
  return facts;
}

}  // namespace

std::vector<LayerFacts> layers_of(const Graph& graph) {
  std::vector<LayerFacts> layers;
  for (const Node& node : graph.nodes) layers.push_back(facts_of(graph, node));
  return layers;
}

Inspection inspect(const Graph& graph, Passes passes, deploy::Preference prefer) {
  Inspection result;
  result.layers = layers_of(graph);
  for (const LayerFacts& layer : result.layers) {
    result.macs += layer.macs;
    result.parameters += layer.parameters;
  }
  // As a device would have it: variants of this machine rearrange constants and want scratch.
  deploy::Device device = deploy::host_device();
  device.packs_weights = true;
  device.prefer = prefer;
  result.optimization = passes == Passes::all ? optimize(graph) : not_optimized(graph);
  const Program program =
      deploy::lower(result.optimization.graph, device, {.variants = deploy::Variants::reference});
  result.constant_bytes = mote::constant_bytes(program);
  const std::vector<deploy::ConstantBytes> calls = deploy::constants_by_call(program);
  for (size_t i = 0; i < calls.size(); i++) {
    result.constants += calls[i];
    result.layer_constants[program.calls[i].origin] += calls[i];
  }
  result.weights = deploy::weights_of(program);
  result.plan = program.plan;
  return result;
}

}  // namespace mote::evaluate
