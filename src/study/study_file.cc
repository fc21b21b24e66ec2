#include "study/study_file.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/toml_reader.h"
#include "compress/recipe.h"
#include "compress/train/changes.h"
#include "datasets/array_file.h"
#include "deploy/devices/device.h"
#include "evaluate/model.h"
#include "evaluate/preprocess.h"

namespace mote::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTrain = "train";
constexpr const char* kMeasure = "measure";

std::vector<std::string> names_of(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.push_back(entry.name);
  return names;
}

class Reader : TomlReader {
 public:
  explicit Reader(std::string path) : TomlReader(path), path_(std::move(path)) {}

  StudyFile read(std::string_view text) {
    const toml::table table = parse(text, "a study is TOML");
    // "published" is for the report, and changes nothing of the study.
    allow(table, {"networks", "data", "seeds", "recipes", "devices", kTrain, kMeasure, "override",
                  "exclude", "published"});
    file_.path = path_;
    list(table, "networks", file_.networks, &Reader::network);
    list(table, "data", file_.data, &Reader::data);
    list(table, "recipes", file_.recipes, &Reader::recipe);
    list(table, "devices", file_.devices, &Reader::device);
    if (table.contains("seeds")) file_.seeds = seeds(*table.get("seeds"));
    changes(table, file_.changes);
    for (const toml::table* rule : tables(table, "override")) override_of(*rule);
    for (const toml::table* rule : tables(table, "exclude")) {
      allow(*rule, {"network", "data", "seed", "recipe", "device"});
      file_.excludes.push_back(match(*rule));
    }
    return std::move(file_);
  }

 private:
  void list(const toml::table& table, std::string_view key, std::vector<Entry>& entries,
            Entry (Reader::*read)(const toml::node&) const) {
    const toml::node* node = table.get(key);
    if (node == nullptr) fail(table, fmt::format("no `{}`", key), "a list of at least one");
    if (!node->is_array() || node->as_array()->empty())
      fail(*node, fmt::format("'{}' must be a list of at least one", key), "");
    for (const toml::node& element : *node->as_array()) {
      Entry entry = (this->*read)(element);
      entry.place = place(element);
      for (const Entry& other : entries)
        if (other.name == entry.name)
          fail(element, fmt::format("two of '{}' are called '{}'", key, entry.name),
               "records tell them apart by their names: { name = ... } gives one, and a recipe or "
               "device has it in its file");
      entries.push_back(std::move(entry));
    }
  }

  std::string string_of(const toml::node& node, std::string_view what) const {
    const auto text = node.value<std::string>();
    if (!node.is_string() || text->empty())
      fail(node, fmt::format("{} must be a string", what), "");
    return *text;
  }

  // What a table { name = "mine", `key` = ... } calls something, and what it is.
  std::pair<std::string, const toml::node*> named(const toml::table& table, std::string_view key,
                                                  std::string_view what, const char* hint) const {
    for (const std::string_view needed : {std::string_view("name"), key})
      if (!table.contains(needed)) fail(table, fmt::format("{} without `{}`", what, needed), hint);
    return {string_of(*table.get("name"), "'name'"), table.get(key)};
  }

  // "zoo:custom?width=0.5", "trained.tflite", or { name = "mine", model = "trained.tflite" }.
  Entry network(const toml::node& node) const {
    Entry entry;
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      entry.source = string_of(node, "a network");
    } else {
      allow(*table, {"name", "model", "preprocess"});
      const auto& [name, source] =
          named(*table, "model", "a network",
                "write \"zoo:NAME\", a model's path, or { name = \"mine\", model = \"PATH\" }");
      entry.name = name;
      entry.source = string_of(*source, "'model'");
      if (const toml::node* preprocess = table->get("preprocess"))
        entry.preprocess = preprocess_of(*preprocess);
    }
    const bool zoo = evaluate::is_zoo(entry.source);
    if (entry.name.empty())
      entry.name = zoo ? entry.source.substr(4) : fs::path(entry.source).stem().string();
    if (!zoo) entry.source = resolved(node, entry.source);
    return entry;
  }

  std::string preprocess_of(const toml::node& node) const {
    const std::string text = string_of(node, "'preprocess'");
    try {
      evaluate::parse_preprocessing(text);
    } catch (const Error& error) {
      fail(node, error.message, error.hint);
    }
    return text;
  }

  // "cifar-10", "own.npz", or { name = "site a", path = "site_a/test.npz" }.
  Entry data(const toml::node& node) const {
    const toml::table* table = node.as_table();
    if (table == nullptr) return data_source(node);
    allow(*table, {"name", "path"});
    const auto& [name, source] =
        named(*table, "path", "a data set",
              "write a name, a path, or { name = \"mine\", path = \"PATH\" }");
    Entry entry = data_source(*source);
    entry.name = name;
    return entry;
  }

  // What datasets::load takes, paths as seen from the study's folder.
  Entry data_source(const toml::node& node) const {
    const std::string name = string_of(node, "a data set");
    std::vector<std::string> names;
    for (const datasets::Info& info : datasets::list()) names.push_back(info.name);
    if (std::ranges::count(names, name) > 0) return {name, name, {}};
    if (datasets::is_array_file(name))
      return {fs::path(name).stem().string(), resolved(node, name), {}};
    if (auto paths = datasets::paths_by_key(name); !paths.empty()) {
      const std::string first = fs::path(paths.begin()->second).stem();
      for (auto& [key, path] : paths) path = resolved(node, path);
      return {first, datasets::text_of(paths), {}};
    }
    const std::string folder = resolved(node, name + "/");
    if (fs::is_directory(folder))
      return {fs::path(folder).parent_path().filename().string(), folder, {}};
    fail(node, fmt::format("there is no data set '{}'", name),
         fmt::format("known: {}, or {}", fmt::join(names, ", "), datasets::kPathForms));
  }

  // What the functions of compress and deploy say, with the line that asked for it.
  template <class Load>
  Entry loaded(const toml::node& node, std::string_view what, Load&& load) const {
    std::string source = string_of(node, what);
    if (has_extension(source, ".toml")) source = resolved(node, source);
    try {
      return {load(source), source, {}};
    } catch (const Error& error) {
      throw Error(ErrorKind::invalid_input, error.message,
                  place(node) + (error.where.empty() ? "" : ": " + error.where), error.hint);
    }
  }

  Entry recipe(const toml::node& node) const {
    return loaded(node, "a recipe",
                  [](const std::string& source) { return compress::load_recipe(source).name; });
  }

  Entry device(const toml::node& node) const {
    const Entry entry = loaded(node, "a device", [](const std::string& source) {
      return deploy::load_device(source).name;
    });
    if (entry.name == deploy::host_device().name)
      fail(node, "firmware is not for this machine", "host latency is measured for every device");
    return entry;
  }

  uint64_t seed(const toml::node& node) const {
    const auto value = node.value<int64_t>();
    if (!node.is_integer() || *value < 0) fail(node, "a seed must be an integer", "0 or above");
    return static_cast<uint64_t>(*value);
  }

  std::vector<uint64_t> seeds(const toml::node& node) const {
    if (!node.is_array() || node.as_array()->empty())
      fail(node, "'seeds' must be a list of at least one", "seeds = [1, 2, 3]");
    std::vector<uint64_t> seeds;
    for (const toml::node& element : *node.as_array()) {
      seeds.push_back(seed(element));
      if (std::ranges::count(seeds, seeds.back()) > 1) fail(element, "the same seed twice", "");
    }
    return seeds;
  }

  std::vector<const toml::table*> tables(const toml::table& table, std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return {};
    if (!node->is_array_of_tables())
      fail(*node, fmt::format("`{}` must be tables", key), fmt::format("write [[{}]]", key));
    std::vector<const toml::table*> result;
    for (const toml::node& element : *node->as_array()) result.push_back(element.as_table());
    return result;
  }

  // ---- what applies to which cells

  // A name as the lists give it, or as they write it: "zoo:custom" or "custom".
  std::set<std::string> chosen(const toml::table& table, std::string_view key,
                               const std::vector<Entry>& entries) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return {};
    std::set<std::string> names;
    for_each(*node, [&](const toml::node& element) {
      const std::string name = string_of(element, fmt::format("'{}'", key));
      const auto entry = std::ranges::find_if(entries, [&](const Entry& candidate) {
        return candidate.name == name || candidate.source == name;
      });
      if (entry == entries.end())
        fail(element, fmt::format("the study has no {} '{}'", key, name),
             fmt::format("allowed: {}", fmt::join(names_of(entries), ", ")));
      names.insert(entry->name);
    });
    return names;
  }

  template <class Function>
  void for_each(const toml::node& node, Function&& function) const {
    if (!node.is_array()) return function(node);
    for (const toml::node& element : *node.as_array()) function(element);
  }

  Match match(const toml::table& table) const {
    Match match{.network = chosen(table, "network", file_.networks),
                .data = chosen(table, "data", file_.data),
                .recipe = chosen(table, "recipe", file_.recipes),
                .device = chosen(table, "device", file_.devices),
                .seed = {}};
    if (const toml::node* node = table.get("seed"))
      for_each(*node, [&](const toml::node& element) {
        match.seed.insert(seed(element));
        if (std::ranges::count(file_.seeds, seed(element)) == 0)
          fail(element, fmt::format("the study has no seed {}", seed(element)),
               fmt::format("allowed: {}", fmt::join(file_.seeds, ", ")));
      });
    return match;
  }

  void override_of(const toml::table& table) {
    allow(table, {"network", "data", "seed", "recipe", "device", kTrain, kMeasure});
    Override rule{match(table), {}};
    changes(table, rule.changes);
    if (rule.changes.empty()) fail(table, "an override of nothing", "train.epochs = 120");
    file_.overrides.push_back(std::move(rule));
  }

  const toml::table* section(const toml::table& table, std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node != nullptr && !node->is_table())
      fail(*node, fmt::format("'{}' must be a table", key), fmt::format("[{}]", key));
    return node == nullptr ? nullptr : node->as_table();
  }

  // [train] and [measure], of the file or of an override.
  void changes(const toml::table& table, std::vector<Change>& changes) const {
    if (const toml::table* train = section(table, kTrain)) train_changes(*train, changes);
    const toml::table* measure = section(table, kMeasure);
    if (measure == nullptr) return;
    allow(*measure, {"samples", "limit"});
    if (measure->contains("samples"))
      changes.push_back([samples = integer(*measure, "samples", 0, 1, kMost)](Settings& settings) {
        settings.samples = samples;
      });
    if (measure->contains("limit"))
      changes.push_back([limit = integer(*measure, "limit", 0, 0, kMost)](Settings& settings) {
        settings.limit = limit;
      });
  }

  void train_changes(const toml::table& table, std::vector<Change>& changes) const {
    std::set<std::string_view> keys = compress::change_keys();
    keys.insert("validation_fraction");
    allow(table, keys);
    if (table.contains("validation_fraction"))
      changes.push_back([f = real(table, "validation_fraction", 0, 0, 0.9)](Settings& settings) {
        settings.validation_fraction = f;
      });
    changes.push_back([given = compress::read_changes(*this, table, compress::Shares::refused)](
                          Settings& s) { s.train = compress::changed(s.train, given); });
  }

  static constexpr int32_t kMost = 1 << 30;

  std::string path_;
  StudyFile file_;
};

template <class T>
bool open_or_in(const std::set<T>& names, const T& name) {
  return names.empty() || names.contains(name);
}

}  // namespace

bool Match::fits(const Choice& choice) const {
  return open_or_in(network, choice.network) && open_or_in(data, choice.data) &&
         open_or_in(seed, choice.seed) && open_or_in(recipe, choice.recipe) &&
         open_or_in(device, choice.device);
}

Settings StudyFile::settings(const Choice& choice, Settings settings) const {
  for (const Change& change : changes) change(settings);
  for (const Override& rule : overrides)
    if (rule.match.fits(choice))
      for (const Change& change : rule.changes) change(settings);
  return settings;
}

bool StudyFile::excluded(const Choice& choice) const {
  return std::ranges::any_of(excludes, [&](const Match& match) { return match.fits(choice); });
}

StudyFile parse_study(std::string_view text, const std::string& path) {
  return Reader(path).read(text);
}

StudyFile read_study(const std::string& path) {
  const Bytes bytes = read_file(path);
  return parse_study({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

}  // namespace mote::study
