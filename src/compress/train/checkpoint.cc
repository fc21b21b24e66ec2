#include "compress/train/checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "ir/mote_file.h"
#include "ir/npy.h"

namespace mote::compress {
namespace {

constexpr const char* kOptions = "training/options.txt";
constexpr const char* kHistory =
    "training/history.txt";  // a line per epoch: loss, validation top-1
constexpr const char* kVelocity = "training/velocity.npy";
constexpr const char* kSquares = "training/squares.npy";
constexpr const char* kAverage = "training/average.npy";
constexpr const char* kSwings = "training/swings.npy";

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

Bytes bytes_of(const std::vector<float>& data) {
  const Shape shape{static_cast<int32_t>(data.size())};
  return print_npy({DType::float32, shape, to_bytes(std::span<const float>(data))});
}

[[noreturn]] void damaged(const std::string& path, const std::string& member) {
  throw Error(ErrorKind::invalid_input, fmt::format("member '{}' is missing or damaged", member),
              path, "this is no checkpoint of a training; remove it to start anew");
}

const Bytes& member(const MoteFile& file, const char* name, const std::string& path) {
  const auto found = file.extra.find(name);
  if (found == file.extra.end()) damaged(path, name);
  return found->second;
}

std::string text(const MoteFile& file, const char* name, const std::string& path) {
  const Bytes& bytes = member(file, name, path);
  return {bytes.begin(), bytes.end()};
}

std::vector<float> floats(const MoteFile& file, const char* name, size_t count,
                          const std::string& path) {
  if (count == 0) return {};
  const Array array = parse_npy(member(file, name, path), path + ": " + name);
  if (array.dtype != DType::float32 || array.data.size() != count * sizeof(float))
    damaged(path, name);
  const auto* first = reinterpret_cast<const float*>(array.data.data());
  return {first, first + count};
}

std::map<std::string, std::string> values_of(const std::string& fingerprint) {
  std::map<std::string, std::string> values;
  for (const std::string& line : split(fingerprint, '\n')) {
    const size_t end = std::min(line.find(" = "), line.size());
    values[line.substr(0, end)] = line.substr(std::min(end + 3, line.size()));
  }
  return values;
}

// An option that there was none of when training began was at its default.
void compare(const std::string& saved, const std::string& wanted, const std::string& path) {
  auto then = values_of(fingerprint_of(TrainOptions{}) + saved);
  auto now = values_of(wanted);
  for (const auto& [name, value] : then)
    if (now[name] != value)
      throw Error(ErrorKind::usage,
                  fmt::format("begun with '{0} = {1}', now '{0} = {2}'", name, value, now[name]),
                  path, "resume with the same options, or remove the checkpoint");
}

}  // namespace

std::string fingerprint_of(const TrainOptions& options) {
  std::string text;
  TrainOptions::visit(options, [&](std::string_view name, const auto& value) {
    if constexpr (std::is_enum_v<std::decay_t<decltype(value)>>) {
      text += fmt::format("{} = {}\n", name, choice_name(value));
    } else {
      text += fmt::format("{} = {}\n", name, value);
    }
  });
  return text;
}

void write_checkpoint(const std::string& path, const Graph& graph,
                      const autograd::Parameters& parameters, const Saved& saved,
                      const std::string& fingerprint) {
  Graph current = graph;
  autograd::store(parameters, saved.state.values, current);
  std::string history;
  for (const EpochRecord& epoch : saved.history)
    history += fmt::format("{} {}\n", epoch.loss, epoch.validation_top1);
  std::map<std::string, Bytes> extra = {{kOptions, bytes_of(fingerprint)},
                                        {kHistory, bytes_of(history)},
                                        {kVelocity, bytes_of(saved.state.velocity)},
                                        {kAverage, bytes_of(saved.state.average)}};
  if (!saved.state.squares.empty()) extra[kSquares] = bytes_of(saved.state.squares);
  if (!saved.state.swings.empty()) extra[kSwings] = bytes_of(saved.state.swings);
  write_mote_file(path, current, extra);
}

std::optional<Saved> read_checkpoint(const std::string& path, const TrainState& initial,
                                     const std::string& fingerprint) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const MoteFile file = read_mote_file(path);
  compare(text(file, kOptions, path), fingerprint, path);

  Saved saved;
  const autograd::Parameters parameters = autograd::parameters_of(file.graph);
  saved.state.values = parameters.values;
  saved.masks = masks_of(parameters);
  if (saved.state.values.size() != initial.values.size()) damaged(path, "graph.txt");
  saved.state.velocity = floats(file, kVelocity, initial.velocity.size(), path);
  saved.state.squares = floats(file, kSquares, initial.squares.size(), path);
  saved.state.average = floats(file, kAverage, initial.average.size(), path);
  saved.state.swings = floats(file, kSwings, initial.swings.size(), path);
  for (const std::string& line : split(text(file, kHistory, path), '\n')) {
    const std::vector<std::string> words = split(line, ' ');
    const auto loss = words.size() == 2 ? parse_number<double>(words[0]) : std::nullopt;
    const auto top1 = words.size() == 2 ? parse_number<double>(words[1]) : std::nullopt;
    if (!loss || !top1) damaged(path, kHistory);
    saved.history.push_back({static_cast<int32_t>(saved.history.size()) + 1, *loss, *top1});
  }
  return saved;
}

}  // namespace mote::compress
