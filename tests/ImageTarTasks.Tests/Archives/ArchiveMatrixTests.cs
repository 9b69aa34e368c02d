using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Archives.Saving;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Verification;
using ImageTarTasks.Tests.IO;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

/// <summary>Every shape in, every format out, and in again: the images and their names stay what they are.</summary>
[TestClass]
public sealed class ArchiveMatrixTests : IDisposable
{
    private static readonly ArchiveFormat[] Formats = [ArchiveFormat.Docker, ArchiveFormat.Oci, ArchiveFormat.OciDir];

    private readonly TestFolder _folder = new();

    public static IEnumerable<string> Shapes => ArchiveShapes.All.Select(shape => shape.Name);

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Shapes))]
    public void What_is_in_an_archive_comes_out_of_a_pipe_a_file_and_a_folder(string name)
    {
        var shape = ArchiveShapes.All.Single(shape => shape.Name == name);
        using var pipe = new LoadingFixture();
        Check(shape, pipe.Load(shape.Archive));
        using var file = new LoadingFixture();
        Check(
            shape,
            file.Load(new ArchiveInput { DisplayName = "a.tar", Stream = new MemoryStream(shape.Archive.ToTar()) })
        );
        using var folder = new LoadingFixture();
        Check(
            shape,
            folder.Load(
                new ArchiveInput { DisplayName = "folder", Folder = shape.Archive.ToFolder(_folder["unpacked"]) }
            )
        );

        var verified = ArchiveVerifier.Verify(
            new ArchiveInput { DisplayName = "a.tar", Stream = new MemoryStream(shape.Archive.ToTar()) },
            new VerifyOptions { MissingPlatforms = MissingPlatforms.Sparse },
            ImageStore.OpenReadOnly(_folder["none"], SilentReporter.Instance),
            SilentReporter.Instance,
            CancellationToken.None
        );
        Assert.IsEmpty(verified.Findings);
        Assert.AreSequenceEqual(
            pipe.Load(shape.Archive).Select(image => image.Stored.Target.Digest),
            verified.Images.Select(image => image.Image.Target.Digest)
        );
    }

    [TestMethod]
    [DynamicData(nameof(Shapes))]
    public void Order_and_duplicates_of_members_do_not_matter(string name)
    {
        var shape = ArchiveShapes.All.Single(shape => shape.Name == name);
        var members = shape.Archive.Members;
        var reversed = new ArchiveBuilder();
        foreach (
            var (member, content) in members
                .Reverse()
                .Concat(members.Where(member => !member.Name.Contains(" -> ", StringComparison.Ordinal)))
        )
        {
            reversed.Add(member, content);
        }

        using var fixture = new LoadingFixture();
        Check(shape, fixture.Load(reversed));
    }

    [TestMethod]
    [DynamicData(nameof(Shapes))]
    public void Saved_in_each_format_and_loaded_again_it_is_the_same(string name)
    {
        var shape = ArchiveShapes.All.Single(shape => shape.Name == name);
        using var first = new LoadingFixture();
        first.Load(shape.Archive);
        foreach (var format in Formats)
        {
            var again = RoundTrip.Load(first.Store, format, _folder[$"{format}"], _folder[$"store {format}"]);
            Assert.AreSequenceEqual(RoundTrip.Describe(first.Store), again, $"{format}");
        }
    }

    [TestMethod]
    [RequiresProgram("gzip"), RequiresProgram("bzip2"), RequiresProgram("xz"), RequiresProgram("zstd")]
    [DataRow("gzip", "-c")]
    [DataRow("bzip2", "-c")]
    [DataRow("xz", "-c")]
    [DataRow("zstd", "-q -c")]
    public void Every_compression_is_known_by_content_around_and_inside_in_several_pieces(
        string program,
        string arguments
    )
    {
        byte[] Compress(byte[] content) =>
            Samples.Join(
                program == "zstd" ? [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3] : [],
                Samples.Run(program, arguments, content[..(content.Length / 3)]),
                Samples.Run(program, arguments, content[(content.Length / 3)..]),
                program == "gzip" ? new byte[1000] : []
            );

        // Layers under a name that says nothing, or the wrong thing.
        var image = ImageBuilder.Of(2);
        var archive = ArchiveBuilder.Docker((image, ["demo:1"]));
        foreach (var (diffId, tar) in image.DiffIds.Zip(image.Tars))
        {
            archive.Replace($"{diffId.Digest.Hex}/layer.tar", Compress(tar));
        }

        using var fixture = new LoadingFixture();
        var loaded = fixture.Load(Compress(archive.ToTar())).Single();
        Assert.AreEqual(image.Id, loaded.Stored.Id);
        foreach (var layer in loaded.Stored.Image!.Layers)
        {
            using var index = fixture.Store.OpenLayerIndex(layer, CancellationToken.None);
            Assert.AreEqual(program, index.Summary.Compression.ToString().ToLowerInvariant());
        }
    }

    [TestMethod, RequiresShared("corpus"), TestCategory("Shared")]
    public void Archives_of_the_corpus_saved_in_each_format_and_loaded_again_are_the_same()
    {
        var failures = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Corpus.Files.Append("sdk-published.tar.gz").Append("sdk-published-oci.tar"))
        {
            using var fixture = new LoadingFixture();
            try
            {
                Corpus.Load(fixture, file);
            }
            catch (ImageTarException)
            {
                // Which those are is CorpusTests' affair.
                continue;
            }

            // Many archives have the same images; what is saved is what is stored, wherever it came from.
            var before = RoundTrip.Describe(fixture.Store);
            if (!seen.Add(string.Join('\n', before)))
            {
                continue;
            }

            foreach (var format in Formats)
            {
                using var folder = new TestFolder();
                var after = RoundTrip.Load(fixture.Store, format, folder["saved"], folder["store"]);
                if (!after.SequenceEqual(before))
                {
                    failures.Add($"{file} {format}: {string.Join(" | ", before)} became {string.Join(" | ", after)}");
                }
            }
        }

        Assert.IsGreaterThan(100, seen.Count);
        Assert.IsEmpty(failures, string.Join('\n', failures));
    }

    private static void Check(ArchiveShape shape, IReadOnlyList<LoadedImage> loaded)
    {
        Assert.HasCount(shape.Images.Length, loaded);
        foreach (var ((images, names), found) in shape.Images.Zip(loaded))
        {
            Assert.AreSequenceEqual(names, found.References.Select(name => name.Familiar));
            Assert.AreSequenceEqual(images.Select(Expected), found.Platforms.Select(Found));
        }

        string Expected(ImageBuilder image) => string.Join(' ', image.DiffIds) + (shape.IsLegacy ? "" : $" {image.Id}");

        string Found(PlatformImage image) =>
            string.Join(' ', image.Image.Config.DiffIds) + (shape.IsLegacy ? "" : $" {image.Image.Id}");
    }
}
