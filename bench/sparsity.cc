// What weights that are zero, or gone with their channels, are worth on a device: a model of int8
// weights, made sparse by magnitude, deployed and run. Prints a table in Markdown: flash,
// constants, instructions and RAM, and whether every output byte is the host's; fails where one is
// not.
//   build/release/mote_sparsity MODEL.tflite [DEVICE...]
// It says nothing of accuracy: nothing is trained again.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "deploy/devices/device.h"
#include "evaluate/firmware.h"
#include "formats/model_file.h"
#include "passes/channel_groups.h"
#include "passes/node_channels.h"
#include "passes/remove_channels.h"
#include "tests/support/sparse_weights.h"

namespace mote {
namespace {

using passes::ChannelGroup;
using passes::ChannelOf;
using testing::SparsePattern;

// A layer's channels that can go, with all that goes with each; those of the least weights first.
using Family = std::vector<ChannelGroup>;

// By value and channel: the sum of the magnitudes of the int8 weights that make it.
std::vector<std::vector<int64_t>> magnitudes_of(const Graph& graph) {
  std::vector<std::vector<int64_t>> sums;
  for (const Value& value : graph.values)
    sums.emplace_back(static_cast<size_t>(channel_count(value.type.shape)));
  for (const Node& node : graph.nodes) {
    const passes::NodeChannels channels(graph, node);
    const auto layer = passes::layer_of(channels);
    if (!layer) continue;
    const std::vector<int32_t> output = passes::weight_channels_of(*layer).output;
    const std::span<const int8_t> weights = data_as<int8_t>(*layer->weights);
    for (size_t k = 0; k < weights.size(); k++)
      sums[static_cast<size_t>(node.outputs[0])][static_cast<size_t>(output[k])] +=
          std::abs(weights[k]);
  }
  return sums;
}

std::vector<Family> families_of(const Graph& graph) {
  const std::vector<std::vector<int64_t>> magnitudes = magnitudes_of(graph);
  const auto magnitude = [&](const ChannelGroup& group) {
    int64_t sum = 0;
    for (const ChannelOf& member : group.members)
      sum += magnitudes[static_cast<size_t>(member.value)][static_cast<size_t>(member.channel)];
    return sum;
  };
  std::map<std::vector<ValueId>, Family> by_values;
  for (ChannelGroup& group : passes::channel_groups(graph)) {
    if (!group.removable) continue;
    std::vector<ValueId> values;
    for (const ChannelOf& member : group.members)
      if (values.empty() || values.back() != member.value) values.push_back(member.value);
    by_values[values].push_back(std::move(group));
  }
  std::vector<Family> families;
  for (auto& [values, family] : by_values) {
    std::ranges::stable_sort(family, {}, magnitude);
    families.push_back(std::move(family));
  }
  return families;
}

// That are not zero.
int64_t weights_of(const Graph& graph) {
  int64_t count = 0;
  for (const Node& node : graph.nodes) {
    const passes::NodeChannels channels(graph, node);
    if (const auto layer = passes::layer_of(channels))
      count +=
          std::ranges::count_if(data_as<int8_t>(*layer->weights), [](int8_t w) { return w != 0; });
  }
  return count;
}

// Without the same share of the channels of every layer but the last, the least for which at least
// `share` of all weights is gone; at least one of each stays.
Graph without_channels(const Graph& graph, double share) {
  const std::vector<Family> families = families_of(graph);
  const double wanted = (1 - share) * static_cast<double>(weights_of(graph));
  for (size_t percent = 1; percent < 100; percent++) {
    std::vector<ChannelOf> removed;
    for (const Family& family : families) {
      const size_t gone = std::min(family.size() - 1, family.size() * percent / 100);
      for (size_t i = 0; i < gone; i++)
        removed.insert(removed.end(), family[i].members.begin(), family[i].members.end());
    }
    Graph result = passes::remove_channels(graph, removed);
    if (static_cast<double>(weights_of(result)) <= wanted) return result;
  }
  throw Error(ErrorKind::unsupported,
              fmt::format("{:.0f} % of the weights cannot go with channels", 100 * share),
              graph.name);
}

struct Row {
  std::string name;
  Graph graph;
};

std::vector<Row> rows_of(const Graph& model) {
  std::vector<Row> rows = {{"dense", model}};
  const auto sparse = [&](std::string name, const testing::Sparsity& sparsity) {
    rows.push_back({std::move(name), testing::with_sparse_weights(model, sparsity)});
  };
  constexpr int kPercents[] = {50, 80, 90, 95};
  for (const int percent : kPercents)
    sparse(fmt::format("unstructured {} %", percent),
           {SparsePattern::unstructured, percent / 100.0});
  for (const int percent : kPercents)
    sparse(fmt::format("1x4 blocks {} %", percent),
           {SparsePattern::blocks_of_four, percent / 100.0});
  sparse("2 of 4", {SparsePattern::n_of_m, 0.5, 4});
  for (const int m : {4, 8, 16})
    sparse(fmt::format("1 of {}", m), {SparsePattern::n_of_m, 1.0 - 1.0 / m, m});
  for (const int percent : kPercents)
    rows.push_back(
        {fmt::format("channels {} %", percent), without_channels(model, percent / 100.0)});
  return rows;
}

// Whether all outputs are the host's.
bool print_table(const std::vector<Row>& rows, const std::string& device_name) {
  const deploy::Device device = deploy::load_device(device_name);
  fmt::print(
      "**{}**\n\n| weights | not zero | flash, B | constants, B | RAM, B | instructions | outputs "
      "equal |\n|---|---:|---:|---:|---:|---:|---|\n",
      device_name);
  bool equal = true;
  for (const Row& row : rows) {
    const evaluate::FirmwareCheck check =
        evaluate::check_firmware(row.graph, device, evaluate::firmware_options(row.graph, "model"),
                                 evaluate::self_test_inputs(row.graph, 3));
    const deploy::EmulationResult& result = check.emulation;
    fmt::print("| {} | {} | {} | {} | {} | {} | {} |\n", row.name, weights_of(row.graph),
               result.size.flash_bytes, result.size.constant_bytes, result.ram_bytes,
               result.instructions, check.outputs_equal ? "yes" : "NO: " + check.first_difference);
    std::fflush(stdout);
    equal = equal && check.outputs_equal;
  }
  fmt::print("\n");
  return equal;
}

}  // namespace
}  // namespace mote

int main(int argc, char** argv) {
  try {
    if (argc < 2) throw mote::Error(mote::ErrorKind::usage, "mote_sparsity MODEL [DEVICE...]");
    const std::vector<mote::Row> rows = mote::rows_of(mote::formats::read_model(argv[1]));
    std::vector<std::string> devices(argv + 2, argv + argc);
    if (devices.empty()) devices = {"mps2-an386", "microbit"};
    bool equal = true;
    for (const std::string& device : devices) equal = mote::print_table(rows, device) && equal;
    return equal ? 0 : 1;
  } catch (const mote::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.kind);
  }
}
