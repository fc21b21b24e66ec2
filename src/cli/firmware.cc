#include "cli/firmware.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "ir/node.h"

namespace mote::cli {
namespace {

std::string bytes(int64_t count) {
  return grouped(count) + " B";
}

// The bound only where the plan might not be the best there is.
std::string arena_text(const evaluate::FirmwareFigures& figures) {
  const std::string arena = bytes(figures.size.arena_bytes);
  if (figures.plan.optimal) return arena;
  return arena + " (not proven to be optimal: lower bound " +
         bytes(figures.plan.lower_bound_bytes) + ")";
}

// "    weights as bitmap" and "12,345 B, 5 layers, masks 2,345 B", for each storage.
std::vector<std::pair<std::string, std::string>> storage_lines(
    const std::vector<deploy::WeightsFacts>& weights) {
  struct Sum {
    int64_t bytes = 0, masks = 0, layers = 0;
  };
  std::map<std::string, Sum> sums;
  for (const deploy::WeightsFacts& facts : weights) {
    Sum& sum = sums[facts.storage];
    sum.bytes += facts.bytes;
    sum.masks += facts.mask_bytes;
    sum.layers++;
  }
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [storage, sum] : sums)
    lines.emplace_back(
        "    weights as " + storage,
        fmt::format("{}, {} layer{}{}", bytes(sum.bytes), sum.layers, sum.layers == 1 ? "" : "s",
                    sum.masks > 0 ? ", masks " + bytes(sum.masks) : ""));
  return lines;
}

std::string decimal(double number) {
  return number < 100 ? fmt::format("{:.2f}", number) : grouped(static_cast<int64_t>(number));
}

std::string name_of_class(size_t index) {
  std::string name(deploy::kInstructionClasses[index]);
  std::ranges::replace(name, '_', ' ');
  return "  " + name;
}

}  // namespace

void add_prefer(CLI::App* verb, std::string& prefer) {
  verb->add_option(
          "--prefer", prefer,
          "How weights are kept: balance, or flash for the fewest bytes, whatever it takes "
          "to decode them")
      ->check(CLI::IsMember(deploy::preferences()));
}

std::string text_of(const deploy::Interval<int64_t>& cycles) {
  return fmt::format("{} to {}", grouped(cycles.least), grouped(cycles.most));
}

std::string text_of(const std::optional<deploy::Interval<double>>& modelled) {
  if (!modelled) return "-";
  return fmt::format("{} to {}", decimal(modelled->least), decimal(modelled->most));
}

Json layer_fields(const Graph& graph, const evaluate::FirmwareFigures& figures) {
  Json layers = Json::array();
  for (size_t i = 0; figures.check && i < graph.nodes.size(); i++)
    layers.push_back({{"name", graph.nodes[i].origin},
                      {"op", name_of(graph.nodes[i].op)},
                      {"instructions", figures.check->layers.at(i).instructions()}});
  return layers;
}

std::string text_of(const std::string& directory, const deploy::Device& device,
                    const evaluate::FirmwareFigures& figures, const std::string& inputs) {
  const deploy::FirmwareSize& size = figures.size;
  std::vector<std::pair<std::string, std::string>> lines{
      {"firmware", directory}, {"device", fmt::format("{}, {}", device.name, device.description)}};
  if (!figures.not_linked.empty()) {
    lines.insert(lines.end(), {{"network constants", bytes(size.constant_bytes)},
                               {"arena", arena_text(figures)},
                               {"flash", "not measured: " + figures.not_linked}});
    return facts(lines);
  }
  lines.insert(lines.end(), {{"flash (linked)", bytes(size.flash_bytes)},
                             {"  network constants", bytes(size.constant_bytes)}});
  for (auto& line : storage_lines(figures.weights)) lines.push_back(std::move(line));
  lines.insert(lines.end(), {{"    biases", bytes(figures.constants.biases)},
                             {"    multipliers and others", bytes(figures.constants.others)},
                             {"  code and the rest", bytes(size.code_bytes)},
                             {"arena", arena_text(figures)}});
  if (figures.over_budget) lines.push_back({"does not fit", figures.over_budget->reason});
  if (!figures.check) return facts(lines);
  const evaluate::FirmwareCheck& check = *figures.check;
  const deploy::InstructionMix& mix = check.emulation.mix;
  lines.insert(lines.end(),
               {{"RAM (arena, data, stack)", bytes(check.emulation.ram_bytes)},
                {"instructions per inference", grouped(check.emulation.instructions)}});
  for (size_t i = 0; i < mix.count.size(); i++)
    if (mix.count[i] > 0) lines.push_back({name_of_class(i), grouped(mix.count[i])});
  if (check.modelled) {
    const double mhz = static_cast<double>(device.clock_hz) * 1e-6;
    lines.insert(lines.end(), {{"cycles (modelled)", text_of(check.modelled->cycles)},
                               {fmt::format("ms at {:g} MHz (modelled)", mhz),
                                text_of(check.modelled->milliseconds)}});
    if (check.modelled->energy_uj)
      lines.push_back({"energy in uJ (estimated)", text_of(check.modelled->energy_uj)});
  }
  if (check.ran_on != device.name)
    lines.push_back({"ran on", check.ran_on + ", which has the same core"});
  lines.push_back({"outputs equal to the host's",
                   fmt::format("{} ({} samples, {})", check.outputs_equal ? "yes" : "NO",
                               check.samples, inputs)});
  return facts(lines);
}

}  // namespace mote::cli
