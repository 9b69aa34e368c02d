using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

/// <summary>
/// Hostile and odd archives with their expected verdicts: what is refused is refused by a diagnostic that names what
/// the list asks for and leaves the store as it was.
/// </summary>
[TestClass]
[RequiresShared("badinputs"), TestCategory("Shared")]
[RequiresProgram("tar")]
[RequiresProgram("zstd")]
public sealed class HostileArchiveTests
{
    private static readonly Lazy<TestFolder> Unpacked = new(() =>
    {
        var folder = new TestFolder();
        ThirdParty.Run("tar", "--zstd", "-xf", SharedInputs.PathOf("badinputs/inputs.tar.zst"), "-C", folder.Root);
        return folder;
    });

    [ClassCleanup]
    public static void Cleanup()
    {
        if (Unpacked.IsValueCreated)
        {
            Unpacked.Value.Dispose();
        }
    }

    [TestMethod]
    [DataRow("ctl")]
    [DataRow("json")]
    [DataRow("arch")]
    [DataRow("oci")]
    [DataRow("comp")]
    [DataRow("bomb")]
    [DataRow("trunc")]
    [DataRow("ref")]
    public void Verdicts_are_the_expected_ones(string group)
    {
        var failures = new List<string>();
        var rows = File.ReadLines(SharedInputs.PathOf("badinputs/manifest.tsv"))
            .Select(line => line.Split('\t'))
            .Where(row => row[2] is "load" or "layout" && row[5] == group)
            .ToArray();
        Assert.IsNotEmpty(rows);
        foreach (var row in rows)
        {
            if (Judge(row) is { } failure)
            {
                failures.Add($"{row[0]}: {failure}");
            }
        }

        Assert.IsEmpty(failures, string.Join('\n', failures));
    }

    private static string? Judge(string[] row)
    {
        using var fixture = new LoadingFixture();
        var file = Path.Combine(Unpacked.Value.Root, row[1]);
        var options = new LoadOptions { MaxUnpacked = MaxUnpacked(row[7]) };
        if (row[2] == "layout")
        {
            var folder = Directory.CreateDirectory(fixture.Folder["layout"]).FullName;
            ThirdParty.Run("tar", "-xf", file, "-C", folder);
            return Judge(row, fixture, new ArchiveInput { DisplayName = row[1], Folder = folder }, options);
        }

        using var stream = File.OpenRead(file);
        return Judge(row, fixture, new ArchiveInput { DisplayName = row[1], Stream = stream }, options);
    }

    private static string? Judge(string[] row, LoadingFixture fixture, ArchiveInput input, LoadOptions options)
    {
        if (row[3] == "accept-with-safe-result")
        {
            try
            {
                return fixture.Load(input, options).Count > 0 ? null : "loaded nothing";
            }
            catch (ImageTarException error)
            {
                return $"refused: {error.Diagnostic.Code} {error.Message}";
            }
        }

        try
        {
            var error = fixture.Refuse(input, options);
            var named = row[4]
                .Split(';')
                .Where(rule => rule.StartsWith("err-names:", StringComparison.Ordinal))
                .Select(rule => rule[10..]);
            return named.FirstOrDefault(name => !error.Message.Contains(name, StringComparison.Ordinal)) is { } missing
                    ? $"does not name {missing}: {error.Diagnostic.Code} {error.Message}"
                : error.Message.Any(char.IsControl) ? "control characters in the message"
                : null;
        }
        catch (AssertFailedException failure)
        {
            return failure.Message;
        }
    }

    private static long? MaxUnpacked(string options) =>
        options switch
        {
            "max-unpacked=1GiB" => 64L << 20,
            "max-unpacked=512MiB" => 64L << 20,
            "" => null,
            _ => throw new InvalidDataException(options),
        };
}
