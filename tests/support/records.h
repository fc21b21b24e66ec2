// A study's folder as `mote study` writes it, with made-up figures: for tests of what reads
// records. The figures hang together (confusion matrices add up to accuracies, plans to their
// peaks), so that a report of them looks like one of a real study.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/random.h"

namespace mote::testing {

using RecordJson = nlohmann::ordered_json;

struct MadeNetwork {
  std::string name;
  double top1 = 0.9;
  int32_t layers = 20;
  int64_t parameters = 270'000, macs = 40'000'000;
};

struct MadeStudy {
  std::vector<MadeNetwork> networks{{"custom", 0.84, 9, 44'000, 4'300'000},
                                    {"mobilenet_v1?width=0.5", 0.882, 29, 830'000, 12'100'000},
                                    {"mobilenet_v2?width=0.5", 0.889, 53, 700'000, 14'600'000},
                                    {"resnet20_v1", 0.914, 31, 272'000, 40'800'000},
                                    {"resnet20_v2", 0.916, 33, 274'000, 41'000'000}};
  std::vector<std::string> data{"cifar-10", "mnist"};
  std::vector<std::string> recipes{"float32", "float16", "dynamic_range", "int8", "int16x8"};
  std::vector<std::string> devices{"mps2-an386"};
  int32_t seeds = 1;
  int32_t classes = 10;
  int64_t flash_limit = 4 << 20;
  bool one_failure = false;
};

class RecordWriter {
 public:
  RecordWriter(const std::string& runs, const MadeStudy& study)
      : runs_(runs), study_(study), random_(7) {
    for (const std::string& data : study.data)
      for (const MadeNetwork& network : study.networks)
        for (int32_t seed = 1; seed <= study.seeds; seed++) add_network(network, data, seed);
  }

  // How many were written.
  int64_t records() const { return number_; }

 private:
  struct Cost {
    double bytes, code, ram, instructions, points;
  };
  // "prune" leaves float32 with zeros; other recipes are called as their schemes.
  static std::string scheme_of(const std::string& recipe) {
    return recipe == "prune" ? "float32" : recipe;
  }
  static Cost cost_of(const std::string& recipe) {
    if (scheme_of(recipe) == "float32") return {4.0, 4'100, 4.0, 6.2, 0};
    if (recipe == "float16") return {2.0, 4'900, 4.1, 6.9, 0.02};
    if (recipe == "dynamic_range") return {1.06, 9'800, 4.3, 4.4, 0.1};
    if (recipe == "int8") return {1.04, 6'300, 1.0, 3.1, 0.4};
    return {1.07, 7'000, 2.0, 4.9, 0.05};  // int16x8
  }

  RecordJson head(const std::string& task, const RecordJson& cell, const RecordJson& inputs) {
    return {{"schema", "mote.task/1"},
            {"version", "0.1.0"},
            {"commit", "c1b21d3f00c1b21d3f00c1b21d3f00c1b21d3f00"},
            {"task", task},
            {"cell", cell},
            {"inputs", inputs},
            {"status", "done"}};
  }

  std::string write(const RecordJson& record, double seconds, const RecordJson& latency = {}) {
    const std::string hash = fmt::format("{:016x}", 0x9e3779b97f4a7c15 * uint64_t(++number_));
    const std::string folder = runs_ + "/" + hash;
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/record.json") << record.dump(1);  // unlike write_file without fsync
    RecordJson timing{
        {"schema", "mote.timing/1"},
        {"seconds", seconds},
        {"machine", {{"cpu", "Some Processor 9000"}, {"cores", 2}, {"system", "Linux 6.1"}}}};
    if (!latency.is_null()) timing["latency"] = latency;
    std::ofstream(folder + "/timing.json") << timing.dump(1);
    return hash;
  }

  static RecordJson interval(double top1) {
    const double half = 1.96 * std::sqrt(top1 * (1 - top1) / 10000);
    return {top1 - half, top1 + half};
  }

  void add_network(const MadeNetwork& network, const std::string& data, int32_t seed) {
    const double top1 = (data == "mnist" ? 0.9 + network.top1 / 9.9 : network.top1) +
                        0.002 * random_.uniform(-1, 1);
    const RecordJson cell{
        {"network", network.name}, {"data", data}, {"synthetic", data == "glyphs"}, {"seed", seed}};
    RecordJson history{{"loss", RecordJson::array()}, {"validation_top1", RecordJson::array()}};
    for (int32_t epoch = 0; epoch < 40; epoch++) {
      const double left = std::exp(-epoch / 9.0) + 0.01 * random_.uniform(0, 1);
      history["loss"].push_back(0.2 + 1.9 * left);
      history["validation_top1"].push_back(top1 - 0.005 - 0.55 * left);
    }
    RecordJson train = head("train", cell, {{"data_sha256", std::string(64, 'a')}});
    train["result"] = {{"parameters", network.parameters},
                       {"macs", network.macs},
                       {"file_bytes", 4 * network.parameters + 9000},
                       {"samples", 10000},
                       {"top1", top1},
                       {"top1_interval", interval(top1)},
                       {"model_sha256", std::string(64, 'b')},
                       {"training",
                        {{"epochs", 40},
                         {"batch", 64},
                         {"optimizer", "sgd"},
                         {"learning_rate", 0.1},
                         {"bf16", true}}},
                       {"history", history}};
    const std::string trained = write(train, 1800.5);
    for (const std::string& recipe : study_.recipes)
      add_recipe(network, cell, recipe, top1, trained);
  }

  void add_recipe(const MadeNetwork& network, RecordJson cell, const std::string& recipe,
                  double top1, const std::string& trained) {
    cell["recipe"] = recipe;
    const Cost cost = cost_of(recipe);
    const auto file = static_cast<int64_t>(cost.bytes * double(network.parameters)) + 9000;
    RecordJson compress = head("compress", cell, {{"train", trained}});
    RecordJson steps = RecordJson::array();
    if (recipe.starts_with("int"))
      steps.push_back({{"do", "calibrate"}, {"observer", "min_max"}, {"samples", 256}});
    steps.push_back(
        {{"do", "quantize"}, {"scheme", recipe}, {"layer_bits", {{"conv1", 8}, {"dense", 4}}}});
    compress["result"] = {{"scheme", scheme_of(recipe)},
                          {"parameters", network.parameters},
                          {"file_bytes", file},
                          {"gzip_bytes", file * 88 / 100},
                          {"model_sha256", std::string(64, 'c')},
                          {"steps", steps}};
    const bool fails = study_.one_failure && recipe == "int16x8" &&
                       network.name == study_.networks[0].name && cell["data"] == study_.data[0];
    if (fails) {
      compress["status"] = "failed";
      compress.erase("result");
      compress["error"] = {{"kind", "unsupported"},
                           {"message", "SpaceToDepth has no int16 kernel"},
                           {"where", "model.tflite: node 7"},
                           {"hint", "use the recipe int8"}};
    }
    const std::string compressed = write(compress, 12.25);
    if (fails) return;
    const double now = top1 - cost.points / 100 * random_.uniform(0.5, 1.2);
    for (const std::string& device : study_.devices) {
      cell["device"] = device;
      RecordJson measure = head("measure", cell, {{"train", trained}, {"compress", compressed}});
      measure["result"] = {{"model",
                            {{"scheme", scheme_of(recipe)},
                             {"parameters", network.parameters},
                             {"macs", network.macs},
                             {"file_bytes", file},
                             {"gzip_bytes", file * 88 / 100}}},
                           {"evaluation", evaluation(now, top1)},
                           {"firmware", firmware(network, device, cost)},
                           {"layers", layers(network, recipe, cost)},
                           {"memory_plan", memory_plan(network, cost)}};
      if (recipe == "prune") measure["result"]["model"]["sparsity"] = 0.9;
      write(measure, 33.5,
            {{"engine", "native"},
             {"threads", 1},
             {"runs", 200},
             {"median_us", double(network.macs) / 21'000 * cost.bytes},
             {"p10_us", double(network.macs) / 22'000 * cost.bytes},
             {"p90_us", double(network.macs) / 18'000 * cost.bytes}});
    }
  }

  RecordJson evaluation(double top1, double before) {
    const int32_t count = study_.classes, each = 10000 / count;
    RecordJson names = RecordJson::array(), precision = RecordJson::array(), confusion,
               recall = RecordJson::array(), support = RecordJson::array();
    static const char* const kNames[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                         "dog",      "frog",       "horse", "ship", "truck"};
    for (int32_t from = 0; from < count; from++) {
      names.push_back(count == 10 ? kNames[from] : fmt::format("class {}", from));
      std::vector<int32_t> row(static_cast<size_t>(count));
      const auto wrong = static_cast<int32_t>((1 - top1) * each * random_.uniform(0.4, 1.6));
      for (int32_t i = 0; i < wrong; i++) {
        const auto near = static_cast<size_t>((from + 1 + int32_t(random_.below(3)) * 2) % count);
        row[random_.below(3) ? near : random_.below(uint64_t(count))]++;
      }
      int32_t others = 0;
      for (int32_t to = 0; to < count; to++) others += to == from ? 0 : row[size_t(to)];
      row[size_t(from)] = each - others;
      confusion.push_back(row);
      recall.push_back(double(each - others) / each);
      precision.push_back(std::min(1.0, top1 + 0.01 * random_.uniform(-1, 1)));
      support.push_back(each);
    }
    return {{"engine", "native"},
            {"split", "test"},
            {"samples", 10000},
            {"top1", top1},
            {"top1_interval", interval(top1)},
            {"macro_precision", top1},
            {"macro_recall", top1},
            {"macro_f1", top1},
            {"classes", names},
            {"precision", precision},
            {"recall", recall},
            {"f1", recall},
            {"support", support},
            {"confusion", confusion},
            {"baseline_top1", before},
            {"mcnemar_p", top1 == before ? 1.0 : 0.043},
            {"mcnemar_method", "chi_square"}};
  }

  RecordJson firmware(const MadeNetwork& network, const std::string& device,
                      const Cost& cost) const {
    const auto constants = static_cast<int64_t>(cost.bytes * double(network.parameters));
    const auto code = static_cast<int64_t>(cost.code);
    const int64_t limit = device == "microbit" ? 256 << 10 : study_.flash_limit;
    RecordJson firmware{{"device", device},
                        {"description", "A board with a Cortex-M"},
                        {"clock_hz", 25e6},
                        {"fits", constants + code <= limit}};
    if (constants + code > limit) {
      firmware["reason"] = "region FLASH overflowed";
      firmware["flash_bytes"] = constants + code;
      firmware["flash_limit_bytes"] = limit;
      firmware["flash_over_bytes"] = constants + code - limit;
      return firmware;
    }
    const auto arena = static_cast<int64_t>(16384 * cost.ram);
    const auto instructions = static_cast<int64_t>(double(network.macs) * cost.instructions);
    const double cycles = double(instructions) * 1.2;
    const int64_t biases = constants / 40, others = constants / 32;
    firmware.update({{"constant_bytes", constants},
                     {"value_bytes", constants - biases - others},
                     {"mask_bytes", 0},
                     {"bias_bytes", biases},
                     {"other_bytes", others},
                     {"code_bytes", code},
                     {"flash_bytes", constants + code},
                     {"arena_bytes", arena},
                     {"static_bytes", 120},
                     {"stack_bytes", 632},
                     {"ram_bytes", arena + 752},
                     {"instructions", instructions},
                     {"ran_on", device},
                     {"outputs_equal", true},
                     {"samples", 20},
                     {"mix", {{"load", 30}, {"multiply", 20}, {"other", 50}}},
                     {"compiler", "arm-none-eabi-gcc 12.2"},
                     {"emulator", "QEMU emulator version 7.2"},
                     {"cycles_modelled", {cycles, 1.6 * cycles}},
                     {"milliseconds_modelled", {cycles / 25e3, 1.6 * cycles / 25e3}},
                     {"energy_estimated_uj", {cycles * 1e-4, cycles * 2.2e-4}},
                     {"energy_source", "the maker's data sheet, table 1: 120 µA/MHz at 3 V"}});
    return firmware;
  }

  RecordJson layers(const MadeNetwork& network, const std::string& recipe, const Cost& cost) {
    RecordJson layers{{"name", RecordJson::array()},         {"op", RecordJson::array()},
                      {"macs", RecordJson::array()},         {"weight_bytes", RecordJson::array()},
                      {"instructions", RecordJson::array()}, {"snr_db", RecordJson::array()}};
    const double snr = recipe == "int16x8" ? 70 : recipe == "float16" ? 62 : 38;
    for (int32_t i = 0; i < network.layers; i++) {
      const bool last = i == network.layers - 1;
      const double share = random_.uniform(0.5, 1.5) / network.layers;
      layers["name"].push_back(
          last ? std::string("logits")
               : fmt::format("stage{}/block{}/conv{}", i / 6 + 1, i / 2 % 3 + 1, i % 2 + 1));
      layers["op"].push_back(last ? "FullyConnected" : i % 3 == 2 ? "Add" : "Conv2D");
      layers["macs"].push_back(i % 3 == 2 ? 0 : int64_t(double(network.macs) * share));
      layers["weight_bytes"].push_back(
          i % 3 == 2 ? 0 : int64_t(double(network.parameters) * cost.bytes * share));
      layers["instructions"].push_back(int64_t(double(network.macs) * share * cost.instructions));
      // Additions add no noise, and one layer most of it.
      const bool silent = recipe == "float32" || i % 3 == 2;
      layers["snr_db"].push_back(
          silent ? RecordJson() : RecordJson(snr - random_.uniform(0, 8) - (i == 6 ? 12 : 0)));
    }
    return layers;
  }

  static RecordJson memory_plan(const MadeNetwork& network, const Cost& cost) {
    const auto unit = static_cast<int64_t>(4096 * cost.ram);
    RecordJson buffers{{"name", RecordJson::array()},
                       {"size_bytes", RecordJson::array()},
                       {"offset_bytes", RecordJson::array()},
                       {"first_use", RecordJson::array()},
                       {"last_use", RecordJson::array()}};
    for (int32_t i = 0; i < network.layers; i++) {
      const bool kept = i % 3 == 0;
      const int64_t size = (kept ? 2 * unit : unit) / (1 + i / 12);
      buffers["name"].push_back(
          fmt::format("stage{}/block{}/conv{}", i / 6 + 1, i / 2 % 3 + 1, i % 2 + 1));
      buffers["size_bytes"].push_back(size);
      buffers["offset_bytes"].push_back(kept ? 0 : i % 3 == 1 ? 2 * unit : 3 * unit);
      buffers["first_use"].push_back(i);
      buffers["last_use"].push_back(std::min(network.layers - 1, i + (kept ? 2 : 1)));
    }
    return {{"peak_bytes", 4 * unit},
            {"lower_bound_bytes", 4 * unit - unit / 2},
            {"steps", network.layers},
            {"buffers", buffers}};
  }

  std::string runs_;
  const MadeStudy& study_;
  Random random_;
  int64_t number_ = 0;
};

inline int64_t write_records(const std::string& runs, const MadeStudy& study = {}) {
  return RecordWriter(runs, study).records();
}

// 1,000 measured models and the trainings and compressions that they come from.
inline MadeStudy large_study() {
  MadeStudy study;
  study.devices = {"mps2-an386", "microbit"};
  study.seeds = 10;  // x 5 networks x 2 data sets x 5 recipes x 2 devices
  return study;
}

}  // namespace mote::testing
