using System.Text.Json;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

/// <summary>
/// Archives of real tools and hand-made ones, against what Docker, podman, skopeo and umoci were seen to do with them:
/// what a tool that checks content accepts is accepted, with the same image ID and the same DiffIDs; what all refuse is
/// refused. Docker's containerd store checks nothing while it loads, so it has no say.
/// </summary>
[TestClass]
[RequiresShared("corpus"), TestCategory("Shared")]
public sealed class CorpusTests
{
    /// <summary>Where we decide otherwise; docs/design/decisions.md has the same table with the reasons.</summary>
    private static readonly Dictionary<string, bool> Otherwise = new(StringComparer.Ordinal)
    {
        // Refused here: readers would see different images.
        ["bad-da-dup-layer.tar"] = false,
        ["bad-oci-mt-says-gzip.tar"] = false,
        ["bad-oci-mt-unknown.tar"] = false,
        ["bad-oci-size.tar"] = false,
        ["bad-oci-count.tar"] = false,
        ["bad-oci-swapped.tar"] = false,
        ["bad-oci-layout-2.tar"] = false,
        ["bad-oci-layout-text.tar"] = false,
        ["bad-oci-schema1.tar"] = false,
        ["bad-layer-name-empty.tar"] = false,

        // Refused here: nothing to load is a failure, and a name that cannot be given must not be lost.
        ["bad-da-manifest-empty-list.tar"] = false,
        ["bad-da-manifest-null.tar"] = false,
        ["null_manifest.tar"] = false,
        ["bad-da-tag-empty.tar"] = false,
        ["bad-da-tag-long.tar"] = false,
        ["bad-da-tag-space.tar"] = false,
        ["bad-da-tag-upper.tar"] = false,

        // Valid, and read here.
        ["bad-oci-index-two.tar"] = true,
        ["bad-oci-nested-3.tar"] = true,
        ["hello-world-cosign-manifest"] = true,
        ["my-previous-image"] = true,
        ["busybox_no_repo.tgz"] = true,

        // Loading does not unpack: what the tree of a layer makes impossible is found when it is flattened.
        ["bad-layer-file-as-dir.tar"] = true,
        ["bad-layer-hardlink-abs.tar"] = true,
        ["bad-layer-hardlink-dir.tar"] = true,
        ["bad-layer-hardlink-escape.tar"] = true,
        ["raw-hl-forward.hand.docker.tar"] = true,
        ["raw-hl-forward.skopeo118.oci.tar"] = true,
        ["hard-link-2"] = true,

        // Entries that Go does not know and GNU tar reads.
        ["bad-layer-gnu-sparse.tar"] = true,
        ["bad-layer-type-label.tar"] = true,

        // The folders of skopeo's dir: are not archives.
        ["dk-basic.podman4-docker-gz.dir"] = false,
        ["dk-basic.podman4-docker.dir"] = false,
        ["dk-basic.skopeo19-gz.dir"] = false,
        ["dk-basic.skopeo19.dir"] = false,
        ["dk-whiteout.podman4-docker-gz.dir"] = false,
        ["dk-whiteout.podman4-docker.dir"] = false,
        ["dk-whiteout.skopeo19-gz.dir"] = false,
        ["dk-whiteout.skopeo19.dir"] = false,
        ["scratch-dir-5pec!@L"] = false,
        ["uncompressed-image-s2"] = false,
    };

    [TestMethod]
    [DataRow("made/dk-")]
    [DataRow("made/raw-")]
    [DataRow("made/bad-")]
    [DataRow("made/")]
    [DataRow("public/")]
    public void Verdicts_IDs_and_DiffIDs_are_those_of_the_tools(string part)
    {
        var failures = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(SharedInputs.PathOf("corpus/facts/images.jsonl")))
        {
            using var fact = JsonDocument.Parse(line);
            var file = fact.RootElement.GetProperty("file").GetString()!;
            if (PartOf(file) == part)
            {
                count++;
                if (Judge(file, fact.RootElement) is { } failure)
                {
                    failures.Add($"{file}: {failure}");
                }
            }
        }

        Assert.IsGreaterThan(10, count);
        Assert.IsEmpty(failures, string.Join('\n', failures));
    }

    [TestMethod]
    [DataRow("sdk-published.tar.gz")]
    [DataRow("sdk-published-oci.tar")]
    public void Archives_of_the_dotnet_SDK_load(string file)
    {
        using var fixture = new LoadingFixture();
        using var stream = File.OpenRead(SharedInputs.PathOf("corpus/" + file));
        Assert.IsNotEmpty(fixture.Load(new ArchiveInput { DisplayName = file, Stream = stream }));
    }

    [TestMethod]
    public void All_platforms_of_an_index_are_loaded()
    {
        var facts = File.ReadLines(SharedInputs.PathOf("corpus/facts/platforms.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToArray();
        var complete = facts
            .GroupBy(fact => fact.GetProperty("file").GetString()!)
            .Where(file =>
                file.All(fact =>
                    fact.TryGetProperty("diff_ids", out var diffIds) && diffIds.ValueKind == JsonValueKind.Array
                )
            )
            .ToArray();
        Assert.HasCount(4, complete);
        foreach (var file in complete)
        {
            using var fixture = new LoadingFixture();
            var manifests = Corpus
                .Load(fixture, file.Key)
                .SelectMany(image => fixture.Store.Manifests(image.Stored.Target))
                .Select(manifest => manifest.Digest.Value)
                .ToHashSet();
            foreach (var fact in file)
            {
                Assert.Contains(fact.GetProperty("manifest").GetString()!, manifests, file.Key);
            }
        }
    }

    private static string PartOf(string file) =>
        new[] { "made/dk-", "made/raw-", "made/bad-", "made/", "public/" }.First(prefix =>
            file.StartsWith(prefix, StringComparison.Ordinal)
        );

    private static string? Judge(string file, JsonElement fact)
    {
        var verdicts = fact.GetProperty("verdict")
            .EnumerateObject()
            .Where(tool => tool.Name != "d26c")
            .Select(tool => tool.Value.GetString()!.StartsWith("accept", StringComparison.Ordinal))
            .ToArray();
        var key = Path.GetFileName(file);
        var expected = Otherwise.TryGetValue(key, out var decided) ? decided : verdicts.Contains(true);
        using var fixture = new LoadingFixture();
        try
        {
            var loaded = Corpus.Load(fixture, file);
            return !expected ? "accepted"
                : decided ? null
                : Compare(fact, [.. loaded.SelectMany(image => image.Platforms).Select(image => image.Image)])
                    ?? CompareNames(fact, loaded);
        }
        catch (ImageTarException error)
        {
            return expected ? $"refused: {error.Diagnostic.Code} {error.Message}" : null;
        }
    }

    private static string? Compare(JsonElement fact, IReadOnlyList<Image> images)
    {
        // Archives of Docker before 1.10 have no configuration; every engine makes its own, so the IDs differ.
        var legacy = !fact.GetProperty("verdict")
            .EnumerateObject()
            .Any(tool =>
                tool.Name != "d20"
                && tool.Name != "d26"
                && tool.Value.GetString()!.StartsWith("accept", StringComparison.Ordinal)
            );
        // skopeo, which reads for umoci, writes a configuration anew: beside an image that an engine loaded, its ID
        // says nothing.
        var all = fact.GetProperty("images").EnumerateArray().ToArray();
        var loaded = all.Where(image => image.TryGetProperty("refs", out var refs) && refs.EnumerateObject().Any())
            .ToArray();
        foreach (var expected in loaded.Length > 0 ? loaded : all)
        {
            var diffIds = expected.GetProperty("diff_ids").EnumerateArray().Select(item => item.GetString()!).ToArray();
            var id =
                expected.TryGetProperty("id", out var value) && value.ValueKind == JsonValueKind.String
                    ? value.GetString()
                    : null;
            if (
                !images.Any(image =>
                    (legacy || id is null || image.Id.ToString() == id)
                    && image.Config.DiffIds.Select(diffId => diffId.ToString()).SequenceEqual(diffIds)
                )
            )
            {
                return $"has no image {id} with these DiffIDs; it has "
                    + $"{string.Join(' ', images.Select(image => image.Id))}";
            }
        }

        return null;
    }

    /// <summary>
    /// The names Docker gives the images, else those podman gives. podman puts short names into localhost, Docker into
    /// docker.io/library; and it makes a name of a single word of index.json, which is none here.
    /// </summary>
    private static string? CompareNames(JsonElement fact, IReadOnlyList<LoadedImage> loaded)
    {
        foreach (var expected in fact.GetProperty("images").EnumerateArray())
        {
            if (
                !expected.TryGetProperty("refs", out var refs)
                || new[] { "d26", "d20", "pod5", "pod4" }.FirstOrDefault(tool => refs.TryGetProperty(tool, out _))
                    is not { } tool
            )
            {
                continue;
            }

            var diffIds = expected.GetProperty("diff_ids").EnumerateArray().Select(item => item.GetString()!).ToArray();
            var ours = loaded
                .Where(image =>
                    image.Platforms.Any(platform =>
                        platform.Image.Config.DiffIds.Select(diffId => diffId.ToString()).SequenceEqual(diffIds)
                    )
                )
                .SelectMany(image => image.References)
                .Select(name => Short(name.Familiar))
                .ToHashSet(StringComparer.Ordinal);
            var theirs = refs.GetProperty(tool)
                .EnumerateArray()
                .Select(name => name.GetString()!)
                .Where(name =>
                    !name.Contains('@', StringComparison.Ordinal)
                    && !name.StartsWith("sha256:", StringComparison.Ordinal)
                )
                .Where(name =>
                    tool[0] == 'd'
                    || ours.Count > 0
                    || !(
                        name.StartsWith("localhost/", StringComparison.Ordinal)
                        && name.EndsWith(":latest", StringComparison.Ordinal)
                    )
                )
                .Select(Short)
                .ToArray();
            if (!ours.SetEquals(theirs))
            {
                return $"{tool} calls it {string.Join(' ', theirs)}, here it is {string.Join(' ', ours)}";
            }
        }

        return null;
    }

    private static string Short(string name) =>
        new[] { "localhost/", "docker.io/library/" }
            .Where(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(prefix => name[prefix.Length..])
            .FirstOrDefault(name);
}
