// The sample of golden cases that lies in tests/differential/golden_sample: a text file each, whose
// form the README there describes.
#pragma once

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "ir/text.h"
#include "tests/support/places.h"

namespace mote::testing {

struct GoldenSample {
  std::string name;
  Graph graph;
  std::vector<Bytes> inputs;
  std::vector<Bytes> outputs;
};

inline void append_hexadecimal(const std::string& digits, Bytes& bytes) {
  for (size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
}

inline GoldenSample read_sample(const std::filesystem::path& path) {
  GoldenSample sample;
  sample.name = path.stem().string();
  const Bytes file = read_file(path.string());
  std::istringstream lines(std::string(file.begin(), file.end()));
  std::string graph;
  Bytes* tensor = nullptr;
  const auto begin = [&](std::vector<Bytes>& tensors) { tensor = &tensors.emplace_back(); };
  for (std::string line; std::getline(lines, line);) {
    if (line == "== input")
      begin(sample.inputs);
    else if (line == "== output")
      begin(sample.outputs);
    else if (tensor != nullptr)
      append_hexadecimal(line, *tensor);
    else
      graph += line + "\n";
  }
  sample.graph = parse(graph, {}, path.string());
  return sample;
}

inline std::vector<GoldenSample> golden_samples() {
  std::vector<GoldenSample> samples;
  for (const auto& entry :
       std::filesystem::directory_iterator(source_path("tests/differential/golden_sample")))
    if (entry.path().extension() == ".txt") samples.push_back(read_sample(entry.path()));
  std::ranges::sort(samples, {}, &GoldenSample::name);
  return samples;
}

}  // namespace mote::testing
