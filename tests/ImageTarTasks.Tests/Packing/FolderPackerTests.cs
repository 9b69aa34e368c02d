using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.Importing;
using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Tests.Flattening;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Packing;

[TestClass]
public sealed class FolderPackerTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void A_folder_is_packed_in_byte_order_without_owners_and_times_of_the_day()
    {
        File.WriteAllText(_folder["root/a/z"], "1");
        File.WriteAllText(_folder["root/a-b"], "2");
        File.WriteAllText(_folder["root/ü"], "3");
        File.WriteAllText(_folder["root/\uffee"], "5");
        File.WriteAllText(_folder["root/\U0001f600"], "4");
        Directory.CreateDirectory(_folder["root/empty"]);

        var packed = Pack();

        Assert.AreEqual("a/ a/z=1 a-b=2 empty/ ü=3 \uffee=5 \U0001f600=4", LayerTar.Show(packed));
        Assert.IsTrue(
            LayerTar
                .Entries(packed)
                .All(entry => entry is { Uid: 0, Gid: 0, ModificationTime: { Seconds: 77, Nanoseconds: 0 } })
        );
        File.SetLastWriteTimeUtc(_folder["root/a-b"], DateTime.UnixEpoch.AddYears(40));
        CollectionAssert.AreEqual(packed, Pack());
    }

    [TestMethod]
    public void Times_are_clamped_and_earlier_ones_stay_in_whole_seconds()
    {
        foreach (var (name, seconds) in new[] { ("early", 76.9), ("same", 77.0), ("later", 77.1), ("now", 1.7e9) })
        {
            File.WriteAllText(_folder["root/" + name], name);
            File.SetLastWriteTimeUtc(_folder["root/" + name], DateTime.UnixEpoch.AddSeconds(seconds));
        }

        Assert.AreEqual(
            "early:76.0 later:77.0 now:77.0 same:77.0",
            string.Join(
                ' ',
                LayerTar
                    .Entries(Pack())
                    .Select(entry =>
                        $"{entry.Name}:{entry.ModificationTime.Seconds}.{entry.ModificationTime.Nanoseconds}"
                    )
            )
        );
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    [UnsupportedOSPlatform("windows")]
    public void Modes_and_symbolic_links_are_kept()
    {
        File.WriteAllText(_folder["root/bin/su"], "s");
        File.SetUnixFileMode(_folder["root/bin/su"], (UnixFileMode)Convert.ToInt32("4755", 8));
        File.CreateSymbolicLink(_folder["root/sh"], "bin/su");
        File.CreateSymbolicLink(_folder["root/gone"], "/no/such/place");
        File.CreateSymbolicLink(_folder["root/loop"], "loop");
        Directory.CreateSymbolicLink(_folder["root/zbin"], "bin");

        Assert.AreEqual("bin/ bin/su=s@4755 gone→/no/such/place loop→loop sh→bin/su zbin→bin", LayerTar.Show(Pack()));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [RequiresProgram("ln")]
    [RequiresProgram("mkfifo")]
    public void Hard_links_and_fifos_are_kept_and_sockets_left_out()
    {
        File.WriteAllText(_folder["root/b"], "1");
        Run("ln", _folder["root/b"], _folder["root/a"]);
        Run("mkfifo", "-m", "600", _folder["root/f"]);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder["root/s"]));
        var sockets = new List<string>();

        var entries = LayerTar.Entries(Pack(sockets)).ToArray();

        CollectionAssert.AreEqual(
            new[] { TarEntryKind.File, TarEntryKind.HardLink, TarEntryKind.Fifo },
            entries.Select(entry => entry.Kind).ToArray()
        );
        Assert.AreEqual("a", entries[1].LinkName.ToText());
        Assert.AreEqual(_folder["root/s"], sockets.Single());
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [RequiresUserXattrs]
    public void Attributes_that_users_gave_are_kept_when_asked_for()
    {
        File.WriteAllText(_folder["root/a"], "1");
        Run("python3", "-c", "import os, sys; os.setxattr(sys.argv[1], 'user.k', b'v\\0w')", _folder["root/a"]);

        Assert.IsEmpty(LayerTar.Entries(Pack()).Single().Xattrs);
        Assert.IsEmpty(
            LayerTar.Entries(Pack(rules: new PackingRules { Xattrs = XattrChoice.Capabilities })).Single().Xattrs
        );
        var xattr = LayerTar
            .Entries(Pack(rules: new PackingRules { Xattrs = XattrChoice.All }))
            .Single()
            .Xattrs.Single();

        Assert.AreEqual("user.k", xattr.Name.ToText());
        Assert.AreEqual("v\0w", xattr.Value.ToText());
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [RequiresUserXattrs]
    public void An_attribute_whose_name_a_tar_cannot_hold_is_refused()
    {
        File.WriteAllText(_folder["root/a"], "1");
        Run("python3", "-c", "import os, sys; os.setxattr(sys.argv[1], 'user.a=b', b'c')", _folder["root/a"]);

        var refused = Assert.ThrowsExactly<ImageTarException>(() =>
            Pack(rules: new PackingRules { Xattrs = XattrChoice.All })
        );

        Assert.AreEqual("ITT2017", refused.Diagnostic.Code);
        StringAssert.Contains(refused.Message, "user.a=b");
    }

    [TestMethod]
    [RequiresProgram("bsdtar")]
    public void Others_read_what_was_packed()
    {
        File.WriteAllText(_folder["root/d/f"], "content");
        File.WriteAllBytes(_folder["packed.tar"], Pack());

        Assert.AreEqual("d/\nd/f\n", Run("bsdtar", "-tf", _folder["packed.tar"]));
        Assert.AreEqual("content", Run("bsdtar", "-xOf", _folder["packed.tar"], "d/f"));
    }

    [TestMethod]
    public void A_folder_is_imported_the_same_on_any_day()
    {
        File.WriteAllText(_folder["root/d/f"], "content");
        File.WriteAllBytes(_folder["root/large"], new byte[3_000_000]);
        var store = ImageStore.Open(_folder["store"], SilentReporter.Instance);
        var input = new RootFsInput { DisplayName = "root", Folder = _folder["root"] };

        var first = RootFsImporter.Import(
            store,
            input,
            new ImportOptions(),
            SilentReporter.Instance,
            CancellationToken.None
        );
        File.SetLastWriteTimeUtc(_folder["root/d/f"], DateTime.UnixEpoch.AddYears(40));
        var second = RootFsImporter.Import(
            store,
            input,
            new ImportOptions(),
            SilentReporter.Instance,
            CancellationToken.None
        );

        Assert.AreEqual(first.Id, second.Id);
        Assert.AreEqual("1970-01-01T00:00:00Z", first.Image!.Config.CreatedText);
        using var flat = new MemoryStream();
        RootFsExporter.Export(
            store,
            first.Image.Layers,
            new ExportOptions(),
            flat,
            SilentReporter.Instance,
            CancellationToken.None
        );
        CollectionAssert.AreEqual(
            new[] { "d/", "d/f", "large" },
            LayerTar.Entries(flat.ToArray()).Select(entry => entry.Name.ToText()).ToArray()
        );
    }

    [TestMethod]
    public void A_folder_that_is_not_there_is_told_with_its_path()
    {
        var store = ImageStore.Open(_folder["store"], SilentReporter.Instance);
        var input = new RootFsInput { DisplayName = "root", Folder = _folder["root/none"] };

        var refused = Assert.ThrowsExactly<ImageTarException>(() =>
            RootFsImporter.Import(store, input, new ImportOptions(), SilentReporter.Instance, CancellationToken.None)
        );

        Assert.AreEqual("ITT2412", refused.Diagnostic.Code);
        Assert.AreEqual(input.Folder, refused.Diagnostic.File);
        Assert.IsEmpty(store.List());
    }

    [TestMethod]
    [DataRow(5L)]
    [DataRow(15L)]
    public void A_file_that_changes_while_it_is_read_is_told(long stated)
    {
        File.WriteAllBytes(_folder["f"], new byte[10]);
        using var steady = new FixedSizeFileStream(File.OpenRead(_folder["f"]), stated);

        var refused = Assert.ThrowsExactly<ImageTarException>(() =>
            new TarWriter(Stream.Null).Add(
                new TarEntry
                {
                    Name = ByteString.FromText("f"),
                    Kind = TarEntryKind.File,
                    Size = stated,
                },
                steady
            )
        );

        Assert.AreEqual("ITT2413", refused.Diagnostic.Code);
    }

    [TestMethod]
    public void A_pipe_carries_bytes_and_failures_and_stops_a_writer_nobody_reads()
    {
        var bytes = Enumerable.Range(0, 5_000_000).Select(i => (byte)(i * 31)).ToArray();
        using var whole = new BlockPipe();
        using var read = new MemoryStream();
        var writing = Task.Run(() =>
        {
            whole.Writer.Write(bytes);
            whole.Complete();
        });
        whole.Reader.CopyTo(read);
        writing.Wait();
        CollectionAssert.AreEqual(bytes, read.ToArray());

        using var failing = new BlockPipe();
        failing.Writer.Write(bytes.AsSpan(0, 1000));
        failing.Fail(new InvalidDataException("stop"));
        Assert.ThrowsExactly<InvalidDataException>(() => failing.Reader.CopyTo(Stream.Null));

        using var abandoned = new BlockPipe();
        abandoned.Abandon();
        Assert.ThrowsExactly<OperationCanceledException>(() => abandoned.Writer.Write(bytes));
    }

    private byte[] Pack(List<string>? sockets = null, PackingRules? rules = null)
    {
        using var tar = new MemoryStream();
        var writer = new TarWriter(tar);
        var packer = new FolderPacker(writer, new TarTime(77), rules ?? new PackingRules());
        packer.Pack(_folder["root"], CancellationToken.None);
        writer.Finish();
        sockets?.AddRange(packer.SkippedSockets);
        return tar.ToArray();
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, program);
        return output;
    }
}
