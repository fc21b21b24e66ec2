// See lower.h. The order: operators lower to calls; values find their homes, a port of the caller's
// or a buffer of the arena; the buffers are planned; the operands learn where they lie; constants
// of channels are packed where the plan has room to unpack them.
#include "deploy/lower/lower.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.h"
#include "deploy/lower/memory.h"
#include "deploy/lower/pack_channels.h"
#include "deploy/storage/channels.h"
#include "deploy/storage/packing.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "ops/verify.h"
#include "passes/passes.h"

namespace mote::deploy {
namespace {

// A program's constants; one that is there already with the same bytes serves twice.
class ConstantPool {
 public:
  explicit ConstantPool(Program& program) : constants_(program.constants) {}

  // The constant's index.
  int32_t add(Constant constant) {
    const auto* bytes = reinterpret_cast<const char*>(constant.data.data());
    const size_t hash = std::hash<std::string_view>{}({bytes, constant.data.size()});
    const auto [first, last] = by_hash_.equal_range(hash);
    for (auto known = first; known != last; ++known)
      if (serves_for(constants_[static_cast<size_t>(known->second)], constant))
        return known->second;
    const auto index = static_cast<int32_t>(constants_.size());
    by_hash_.emplace(hash, index);
    constants_.push_back(std::move(constant));
    return index;
  }

 private:
  static bool serves_for(const Constant& known, const Constant& constant) {
    return known.storage == constant.storage && known.layout == constant.layout &&
           known.type.dtype == constant.type.dtype && known.data == constant.data;
  }

  std::vector<Constant>& constants_;
  std::unordered_multimap<size_t, int32_t> by_hash_;  // of the bytes
};

void append(Program& program, ConstantPool& pool, Lowering&& lowering) {
  std::vector<int32_t> constants;
  for (Constant& constant : lowering.constants) constants.push_back(pool.add(std::move(constant)));
  for (size_t i = 0; i < lowering.calls.size(); i++) {
    Call& call = lowering.calls[i];
    for (Operand& operand : call.operands)
      if (operand.space == Space::constant || operand.space == Space::weights)
        operand.index = constants.at(static_cast<size_t>(operand.index));
    program.schedule.push_back(
        {static_cast<int32_t>(program.calls.size()), 0, lowering.call_rows[i]});
    program.calls.push_back(std::move(call));
  }
}

// Of the variants that the device has the instructions for and that take the call, the one of the
// highest priority.
void choose_variant(Call& call, Lowering& lowering, const Device& device) {
  std::vector<const Kernel*> variants;
  for (const Kernel& kernel : kernels())
    if (kernel.name == call.kernel && std::ranges::count(device.isa, kernel.isa) > 0)
      variants.push_back(&kernel);
  std::ranges::sort(variants, std::greater(), &Kernel::priority);
  for (const Kernel* kernel : variants)
    if (choose(*kernel, call, lowering.constants)) return;
}

// An output that is an input, a constant or listed before becomes a copy of it.
void separate_outputs(Graph& graph) {
  std::vector<bool> taken;  // by value: no output may lie there
  for (const Value& value : graph.values) taken.push_back(value.constant());
  for (const ValueId id : graph.inputs) taken[static_cast<size_t>(id)] = true;
  for (ValueId& id : graph.outputs) {
    const auto of = static_cast<size_t>(id);
    if (taken[of]) {
      const TensorType type = widened_type(graph.value(id));
      const std::string name = graph.value(id).name;
      const ValueId copy = add_value(graph, name, type);
      graph.nodes.push_back({ops::Reshape{type.shape}, {id}, {copy}, name});
      id = copy;
    }
    taken[of] = true;
  }
}

// The graph as it is lowered: of the same values, some more behind them. Nodes of constants are
// computed now, since a layer may want its weights from one.
Graph prepared(const Graph& graph) {
  Graph result = graph;
  passes::fold_constants(result);
  separate_outputs(result);
  return result;
}

// Programs count bytes in 32 bits. Of every value, also of those that nobody reads: ports have
// buffers all the same.
void check_sizes(const Graph& graph) {
  constexpr int64_t kMostBytes = std::numeric_limits<int32_t>::max();
  for (const Value& value : graph.values)
    if (const int64_t bytes = byte_size(value.type); bytes > kMostBytes)
      throw Error(
          ErrorKind::unsupported,
          fmt::format("{} takes {} bytes; up to {} do", to_string(value.type), bytes, kMostBytes),
          fmt::format("{}: value '{}'", graph.name, value.name));
}

std::vector<Port> ports_of(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<Port> ports;
  for (ValueId id : ids) ports.push_back({graph.value(id).name, widened_type(graph.value(id)), -1});
  return ports;
}

// All nodes' calls, in their order, what their weights were packed into, and what the constants of
// their channels could be.
struct Lowered {
  Program program;
  Homes homes;
  std::vector<Packed> packed;
  std::vector<PackedChannels> channels;
};

Lowered lower_nodes(const Graph& graph, const Device& device, const LowerOptions& options,
                    const PackingRules& rules) {
  Lowered result{{}, initial_homes(graph), {}, {}};
  ConstantPool pool(result.program);
  for (const Node& node : graph.nodes) {
    Lowering lowering(graph, node, options.rounding, result.homes);
    try {
      op_def(node.op).lower(node.op, lowering);
    } catch (const Error& error) {
      throw error.where.empty() ? error.at(describe(node)) : error;
    }
    const size_t first_call = result.program.calls.size();
    for (size_t i = 0; i < lowering.calls.size(); i++) {
      Call& call = lowering.calls[i];
      const Call reference = call;
      if (options.variants == Variants::best) choose_variant(call, lowering, device);
      if (!device.packs_weights) continue;
      if (auto channels = packed_channels(call, reference, lowering.constants))
        result.channels.push_back({first_call + i, std::move(*channels),
                                   layer_instructions(reference, lowering.constants)});
      if (auto packed = pack_weights(call, reference, lowering.constants, rules))
        result.packed.push_back(std::move(*packed));
    }
    append(result.program, pool, std::move(lowering));
  }
  return result;
}

}  // namespace

Program lower(const Graph& original, const Device& device, const LowerOptions& options) {
  verify(original, Level::imported);
  check_sizes(original);
  const Graph graph = prepared(original);
  if (options.rounding != MOTE_ROUNDING_DOUBLE && device.name != host_device().name)
    throw Error(ErrorKind::unsupported, "firmware rounds twice, as TFLite's reference kernels do",
                graph.name, "single rounding is for the reference engine on the host");
  PackingRules rules{.isa = device.isa, .prefer = device.prefer};
  Lowered lowered = lower_nodes(graph, device, options, rules);
  while (drop_what_costs_more(lowered.packed, rules))
    lowered = lower_nodes(graph, device, options, rules);
  Program& program = lowered.program;
  program.name = graph.name;
  program.device = device.name;
  program.inputs = ports_of(original, original.inputs);
  program.outputs = ports_of(original, original.outputs);
  plan_memory(program, graph, lowered.homes, options.keep_all_values);
  pack_channels(program, std::move(lowered.channels));
  program.flash = {constant_bytes(program), device.flash_bytes};
  program.ram = {program.plan.peak_bytes, device.ram_bytes};
  return std::move(program);
}

}  // namespace mote::deploy
