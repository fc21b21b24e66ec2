// What weights of few bits are worth on a device: a model of int8 weights, these rounded to 7, 6
// and so on to 2 bits, deployed and run, by what the device prefers and where flash is preferred.
// Prints a table in Markdown: the storages of the layers, their entropy and bytes, constants, flash
// and instructions, how many more these are than of weights as they are (what decoding takes, or
// less where zeros are skipped), and whether every output byte is the host's; fails where one is
// not.
//   build/release/mote_weight_bits MODEL.tflite [DEVICE...]
// It says nothing of accuracy: scales stay as they are, and nothing is trained again.
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "deploy/devices/device.h"
#include "deploy/lower/lower.h"
#include "deploy/storage/storage.h"
#include "evaluate/firmware.h"
#include "formats/model_file.h"
#include "passes/node_channels.h"

namespace mote {
namespace {

// From [-127, 127] to [-(2^(bits-1) - 1), 2^(bits-1) - 1].
Graph with_bits(Graph graph, int32_t bits) {
  const double step = 127.0 / ((1 << (bits - 1)) - 1);
  std::set<ValueId> narrowed;
  for (const Node& node : graph.nodes) {
    const auto layer = passes::layer_of(passes::NodeChannels(graph, node));
    if (!layer || !narrowed.insert(node.inputs[1]).second) continue;
    Value& weights = graph.value(node.inputs[1]);
    if (weights.type.dtype != DType::int8)
      throw Error(ErrorKind::usage, "weights are not int8", node.origin,
                  "compress the model first");
    Bytes bytes = *weights.data;
    for (uint8_t& byte : bytes)
      byte = static_cast<uint8_t>(std::lround(static_cast<int8_t>(byte) / step));
    weights.data = std::make_shared<const Bytes>(std::move(bytes));
  }
  return graph;
}

// Of all layers' weights, each layer's on its own: no code for one weight after the other that does
// not know more takes less.
double entropy_bytes(const Graph& graph) {
  double bits = 0;
  for (const Node& node : graph.nodes) {
    if (!passes::layer_of(passes::NodeChannels(graph, node))) continue;
    std::map<int8_t, double> counts;
    const auto weights = data_as<int8_t>(graph.value(node.inputs[1]));
    for (const int8_t weight : weights) counts[weight]++;
    for (const auto& [weight, count] : counts)
      bits += count * std::log2(static_cast<double>(weights.size()) / count);
  }
  return bits / 8;
}

int64_t weight_bytes(const Program& program) {
  int64_t bytes = 0;
  for (const deploy::WeightsFacts& layer : deploy::weights_of(program)) bytes += layer.bytes;
  return bytes;
}

// "3 huffman, 1 dense4", of layers.
std::string storages_of(const Program& program) {
  std::map<std::string, int> counts;
  for (const deploy::WeightsFacts& layer : deploy::weights_of(program)) counts[layer.storage]++;
  std::vector<std::string> words;
  for (const auto& [storage, count] : counts) words.push_back(fmt::format("{} {}", count, storage));
  return fmt::format("{}", fmt::join(words, ", "));
}

// Whether all outputs are the host's.
bool print_row(const Graph& graph, const std::string& name, const deploy::Device& device) {
  const auto run = [&](bool packs_weights) {
    deploy::Device board = device;
    board.packs_weights = packs_weights;
    return evaluate::check_firmware(graph, board, evaluate::firmware_options(graph, "model"),
                                    evaluate::self_test_inputs(graph, 3));
  };
  const evaluate::FirmwareCheck check = run(true);
  const deploy::EmulationResult& result = check.emulation;
  const int64_t more = result.instructions - run(false).emulation.instructions;
  const Program program = deploy::lower(graph, device);
  fmt::print("| {} | {} | {:.0f} | {} | {} | {} | {} | {} ({:.1f} %) | {} |\n", name,
             storages_of(program), entropy_bytes(graph), weight_bytes(program),
             result.size.constant_bytes, result.size.flash_bytes, result.instructions, more,
             100 * static_cast<double>(more) / static_cast<double>(result.instructions),
             check.outputs_equal ? "yes" : "NO: " + check.first_difference);
  std::fflush(stdout);
  return check.outputs_equal;
}

}  // namespace
}  // namespace mote

int main(int argc, char** argv) {
  try {
    if (argc < 2) throw mote::Error(mote::ErrorKind::usage, "mote_weight_bits MODEL [DEVICE...]");
    const mote::Graph model = mote::formats::read_model(argv[1]);
    std::vector<std::string> devices(argv + 2, argv + argc);
    if (devices.empty()) devices = {"mps2-an386", "microbit"};
    bool equal = true;
    for (const std::string& device : devices) {
      fmt::print(
          "**{}**\n\n| bits | storages | entropy, B | weights, B | constants, B | flash, B | "
          "instructions | more than unpacked | outputs equal |\n"
          "|---|---|---:|---:|---:|---:|---:|---:|---|\n",
          device);
      for (int32_t bits = 8; bits >= 2; bits--)
        for (const char* prefer : {"", "flash"})
          equal = mote::print_row(mote::with_bits(model, bits), fmt::format("{} {}", bits, prefer),
                                  mote::deploy::load_device(device, prefer)) &&
                  equal;
      fmt::print("\n");
    }
    return equal ? 0 : 1;
  } catch (const mote::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.kind);
  }
}
