// What zeros in the weights are worth on a device: a model of int8 weights, its weights made sparse
// by magnitude, deployed and run. Prints a table in Markdown: flash, constants, instructions and
// RAM, and whether every output byte is the host's.
//   build/release/mote_sparsity MODEL.tflite [DEVICE...]
// It says nothing of accuracy: nothing is trained again.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "deploy/devices/device.h"
#include "evaluate/firmware.h"
#include "formats/model_file.h"
#include "tests/support/sparse_weights.h"

namespace mote {
namespace {

using testing::SparsePattern;
using testing::Sparsity;

struct Row {
  std::string name;
  Sparsity sparsity;
};

std::vector<Row> rows() {
  std::vector<Row> all = {{"dense", {}}};
  for (const int percent : {50, 80, 90, 95})
    all.push_back({fmt::format("unstructured {} %", percent),
                   {SparsePattern::unstructured, percent / 100.0}});
  for (const int percent : {50, 80, 90, 95})
    all.push_back({fmt::format("1x4 blocks {} %", percent),
                   {SparsePattern::blocks_of_four, percent / 100.0}});
  all.push_back({"2 of 4", {SparsePattern::n_of_m, 0.5, 4}});
  for (const int m : {4, 8, 16})
    all.push_back({fmt::format("1 of {}", m), {SparsePattern::n_of_m, 1.0 - 1.0 / m, m}});
  return all;
}

void print_table(const Graph& model, const std::string& device_name) {
  const deploy::Device device = deploy::load_device(device_name);
  fmt::print(
      "**{}**\n\n| weights | flash, B | constants, B | RAM, B | instructions | outputs equal |\n"
      "|---|---:|---:|---:|---:|---|\n",
      device_name);
  for (const Row& row : rows()) {
    const Graph graph = testing::with_sparse_weights(model, row.sparsity);
    const evaluate::FirmwareCheck check =
        evaluate::check_firmware(graph, device, evaluate::firmware_options(graph, "model"),
                                 evaluate::self_test_inputs(graph, 3));
    const deploy::EmulationResult& result = check.emulation;
    fmt::print("| {} | {} | {} | {} | {} | {} |\n", row.name, result.size.flash_bytes,
               result.size.constant_bytes, result.ram_bytes, result.instructions,
               check.outputs_equal ? "yes" : "NO: " + check.first_difference);
    std::fflush(stdout);
  }
  fmt::print("\n");
}

}  // namespace
}  // namespace mote

int main(int argc, char** argv) {
  try {
    if (argc < 2) throw mote::Error(mote::ErrorKind::usage, "mote_sparsity MODEL [DEVICE...]");
    const mote::Graph model = mote::formats::read_model(argv[1]);
    std::vector<std::string> devices(argv + 2, argv + argc);
    if (devices.empty()) devices = {"mps2-an386", "microbit"};
    for (const std::string& device : devices) mote::print_table(model, device);
  } catch (const mote::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.kind);
  }
}
