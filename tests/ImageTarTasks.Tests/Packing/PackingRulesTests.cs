using System.Diagnostics;
using System.Text;
using CsCheck;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Tests.Flattening;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Packing;

/// <summary>What rules make of a folder on its way into a layer.</summary>
[TestClass]
public sealed class PackingRulesTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("755", 0b110_100_100, false, "755")]
    [DataRow("04755", 0, false, "4755")]
    [DataRow("u+x", 0b110_100_100, false, "744")]
    [DataRow("+x", 0b110_100_100, false, "755")]
    [DataRow("go-rwx", 0b111_111_111, false, "700")]
    [DataRow("a=rX", 0b110_100_100, false, "444")]
    [DataRow("a=rX", 0b111_100_100, false, "555")]
    [DataRow("a=rX", 0b110_100_100, true, "555")]
    [DataRow("go=u-w", 0b111_000_000, false, "755")]
    [DataRow("g=o", 0b111_111_101, false, "755")]
    [DataRow("u+s,g+s,+t", 0b111_101_101, false, "7755")]
    [DataRow("u-s", 0b100_111_101_101, false, "755")]
    [DataRow("u=rw,go=", 0b111_111_111, false, "600")]
    [DataRow("D755,F644", 0, true, "755")]
    [DataRow("D755,F644", 0, false, "644")]
    [DataRow("Fgo-x,Dgo+x", 0b111_101_101, false, "744")]
    [DataRow("u+r-w+x", 0b010_000_000, false, "500")]
    public void A_mode_is_what_chmod_makes_of_it(string change, int mode, bool isFolder, string expected) =>
        Assert.AreEqual(expected, Convert.ToString(ModeChange.Parse("Chmod", change).Apply(mode, isFolder), 8));

    [TestMethod]
    [DataRow("")]
    [DataRow("8")]
    [DataRow("10000")]
    [DataRow("u")]
    [DataRow("u+q")]
    [DataRow("u+rg")]
    [DataRow("x+r")]
    [DataRow("755,")]
    [DataRow("D")]
    public void A_mode_that_is_none_is_refused(string text)
    {
        var refused = Assert.ThrowsExactly<ImageTarException>(() => ModeChange.Parse("Chmod", text));

        Assert.AreEqual("ITT1054", refused.Diagnostic.Code);
        Assert.Contains("Chmod", refused.Message);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    [RequiresProgram("chmod")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Modes_agree_with_chmod()
    {
        // The umask of the tests decides what chmod does without a "who": it is always written here.
        var who = Gen.Char["ugoa"].Array[1, 2].Select(letters => new string(letters));
        var perms = Gen.OneOf(
            Gen.Char["rwxX"].Array[0, 3].Select(letters => new string(letters)),
            Gen.Char["ugo"].Select(letter => letter.ToString())
        );
        var clause = Gen.Select(who, Gen.Char["+-="], perms, (w, sign, p) => w + sign + p);
        var changes = clause.Array[1, 3].Select(clauses => string.Join(',', clauses));
        File.WriteAllText(_folder["f"], "");
        Gen.Select(changes, Gen.Int[0, 511], Gen.Bool)
            .Sample(
                (change, mode, isFolder) =>
                {
                    var path = isFolder ? _folder["d"] : _folder["f"];
                    Directory.CreateDirectory(_folder["d"]);
                    File.SetUnixFileMode(path, (UnixFileMode)mode);
                    Run("chmod", change, path);
                    return (int)File.GetUnixFileMode(path) == ModeChange.Parse("x", change).Apply(mode, isFolder);
                },
                iter: 60,
                threads: 1
            );
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    [DataRow("*", "a b/", "")]
    [DataRow("*/x", "a x b/ b/x b/c/ b/c/x", "a x b/ b/c/ b/c/x")]
    [DataRow("**/x", "x b/ b/x b/c/ b/c/x b/c/xx", "b/ b/c/ b/c/xx")]
    [DataRow("b/**", "a b/ b/x b/c/", "a b/")]
    [DataRow("b", "a b/ b/x b/c/ bb", "a bb")]
    [DataRow("/b/", "a b/ b/x", "a")]
    [DataRow("?", "a bb", "bb")]
    [DataRow("[a-c]x", "ax bx dx", "dx")]
    [DataRow("[^a]x", "ax bx", "ax")]
    [DataRow("\\*", "a *", "a")]
    [DataRow("a.c", "a.c abc", "abc")]
    [DataRow("*|!b", "a b c/", "b")]
    [DataRow("b|!b/keep", "b/ b/x b/keep", "b/ b/keep")]
    [DataRow("b|!b/c/keep", "b/ b/x b/c/ b/c/keep b/d/ b/d/y", "b/ b/c/ b/c/keep")]
    [DataRow("**|!**/*.txt", "a/ a/b/ a/b/t.txt a/b/u c/ c/d", "a/ a/b/ a/b/t.txt")]
    [DataRow("!b|b", "a b", "a")]
    [DataRow("*.md|!README*.md|README-secret.md", "README.md README-secret.md x.md y", "README.md y")]
    [DataRow("**.md", "a.md b/ b/c.md d", "b/ d")]
    [DataRow("**file", "file b/ b/file c", "b/ c")]
    public void Patterns_leave_out_what_a_dockerignore_leaves_out(string patterns, string tree, string left)
    {
        foreach (var name in tree.Split(' '))
        {
            if (name.EndsWith('/'))
            {
                Directory.CreateDirectory(_folder["root/" + name.TrimEnd('/')]);
            }
            else
            {
                File.WriteAllText(_folder["root/" + name], "");
            }
        }

        var entries = Entries(
            new PackingRules { Exclude = IgnorePatterns.Parse("Exclude", patterns.Split('|'), comments: false) }
        );

        Assert.AreEqual(
            string.Join(' ', left.Split(' ').Order(StringComparer.Ordinal)),
            string.Join(' ', entries.Select(entry => entry.Name.ToText()).Order(StringComparer.Ordinal))
        );
    }

    [TestMethod]
    public void A_file_of_patterns_has_comments()
    {
        var patterns = IgnorePatterns.Parse("Exclude", ["# no", " #yes", "", "  a  ", "! b "], comments: true);

        Assert.IsTrue(patterns.Match(ByteString.FromText("a"), default, out _));
        Assert.IsTrue(patterns.Match(ByteString.FromText("#yes"), default, out _));
        Assert.IsFalse(patterns.Match(ByteString.FromText("# no"), default, out _));
        Assert.IsTrue(patterns.HasExceptions);
    }

    [TestMethod]
    [DataRow("[a")]
    [DataRow("a\\")]
    [DataRow("!")]
    public void A_pattern_that_is_none_is_refused(string pattern) =>
        Assert.AreEqual(
            "ITT1071",
            Assert
                .ThrowsExactly<ImageTarException>(() => IgnorePatterns.Parse("Exclude", [pattern], comments: false))
                .Diagnostic.Code
        );

    [TestMethod]
    public void Owner_and_modes_apply_to_all_and_items_go_over_them()
    {
        File.WriteAllText(_folder["root/etc/a.conf"], "a");
        File.WriteAllText(_folder["root/bin/run"], "r");
        File.WriteAllText(_folder["out/app.dll"], "app");
        File.WriteAllText(_folder["out/sub/x"], "x");
        File.WriteAllText(_folder["motd"], "hello");
        var rules = new PackingRules
        {
            Owner = new Owner(1000, 100),
            Modes = [ModeRule.Parse("Chmod", "D750,F640"), ModeRule.Parse("Chmod", "bin/*:a+x")],
            Items =
            [
                new PackedItem(_folder["out"], "srv/app") { Mode = ModeChange.Parse("Mode", "F600"), Uid = 7 },
                new PackedItem(_folder["motd"], "etc/a.conf") { Gid = 8 },
            ],
        };

        var entries = Entries(rules);

        Assert.AreEqual(
            "bin/ 750 1000:100|bin/run 751 1000:100|etc/ 750 1000:100|etc/a.conf 640 1000:8|srv/ 750 "
                + "1000:100|srv/app/ 750 7:100|srv/app/app.dll 600 7:100|srv/app/sub/ 750 "
                + "7:100|srv/app/sub/x 600 7:100",
            string.Join('|', entries.Select(Told))
        );
        Assert.Contains("etc/a.conf=hello", LayerTar.Show(Pack(rules)));
    }

    [TestMethod]
    public void A_folder_over_a_folder_is_merged_and_a_file_over_a_folder_is_not()
    {
        File.WriteAllText(_folder["root/d/old"], "1");
        File.WriteAllText(_folder["root/d/both"], "1");
        File.WriteAllText(_folder["more/both"], "2");
        File.WriteAllText(_folder["more/new"], "2");

        Assert.AreEqual(
            "d/ d/both=2 d/new=2 d/old=1",
            LayerTar.Show(Pack(new PackingRules { Items = [new PackedItem(_folder["more"], "d")] }, "D755,F644"))
        );
        Assert.AreEqual(
            "d=2",
            LayerTar.Show(Pack(new PackingRules { Items = [new PackedItem(_folder["more/new"], "d")] }, "D755,F644"))
        );
        Assert.AreEqual(
            "both=2 new=2",
            LayerTar.Show(
                Pack(new PackingRules { Items = [new PackedItem(_folder["more"], "")] }, ["D755,F644"], root: null)
            )
        );
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public void What_would_go_below_a_link_is_refused()
    {
        Directory.CreateDirectory(_folder["root/usr/lib"]);
        File.CreateSymbolicLink(_folder["root/lib"], "usr/lib");
        File.WriteAllText(_folder["x"], "");

        var refused = Assert.ThrowsExactly<ImageTarException>(() =>
            Pack(new PackingRules { Items = [new PackedItem(_folder["x"], "lib/x")] })
        );

        Assert.AreEqual("ITT1059", refused.Diagnostic.Code);
        Assert.Contains("lib/x", refused.Message);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [RequiresProgram("ln")]
    public void Names_of_one_file_that_rules_tell_apart_become_files_of_their_own()
    {
        File.WriteAllText(_folder["root/a"], "1");
        Run("ln", _folder["root/a"], _folder["root/b"]);

        Assert.AreEqual("a=1 b⇒a", LayerTar.Show(Pack(new PackingRules(), "F644")));
        Assert.AreEqual("a=1 b=1@600", LayerTar.Show(Pack(new PackingRules(), "F644", "b:600")));
    }

    [TestMethod]
    public void A_specification_gives_what_only_root_could_give()
    {
        File.WriteAllText(_folder["root/bin/su"], "s");
        File.WriteAllText(_folder["root/etc/shadow"], "x");
        File.WriteAllText(_folder["root/etc/plain"], "p");
        File.WriteAllText(_folder["content"], "from elsewhere");

        var entries = Entries(
            new PackingRules
            {
                Owner = new Owner(5, 5),
                Spec = Spec(
                    """
                    #mtree v2.0
                    . type=dir mode=0755 uid=0 gid=0
                    /set type=file uid=0 gid=0 mode=0644
                    ./bin/su mode=4755 size=1 sha256=00
                    ./etc/shadow mode=0640 gid=42 time=1700000000.5
                    ./etc/maybe optional
                    ./etc/made\040here contents=content \
                        mode=600
                    /unset mode
                    ./dev type=dir
                    ./dev/null type=char mode=0666 device=linux,1,3
                    ./dev/sda type=block mode=0660 gid=6 device=native,8,0
                    ./dev/pipe type=fifo
                    ./dev/stdin type=link link=/proc/self/fd/0
                    """
                ),
            },
            "D755,F644"
        );

        Assert.AreEqual(
            """
            ./ 755 0:0
            bin/ 755 5:5
            bin/su 4755 0:0
            dev/ 755 0:0
            dev/null 666 0:0 CharacterDevice 1,3
            dev/pipe 644 0:0 Fifo
            dev/sda 660 0:6 BlockDevice 8,0
            dev/stdin 777 0:0 SymbolicLink →/proc/self/fd/0
            etc/ 755 5:5
            etc/made here 600 0:0
            etc/plain 644 5:5
            etc/shadow 640 0:42
            """.ReplaceLineEndings("\n"),
            string.Join('\n', entries.Select(Told))
        );
        Assert.AreEqual(
            new TarTime(1_700_000_000, 5),
            entries.Single(entry => entry.Name.ToText() == "etc/shadow").ModificationTime
        );
    }

    [TestMethod]
    public void A_specification_may_go_in_and_out_of_folders()
    {
        var entries = Entries(
            new PackingRules
            {
                Spec = Spec(
                    """
                    . type=dir
                    a type=dir mode=700
                        b type=dir
                            c type=fifo
                        ..
                        d type=fifo mode=u+x,go=
                    ..
                    e type=dir
                    """
                ),
            }
        );

        Assert.AreEqual(
            "./ 755 0:0|a/ 700 0:0|a/b/ 755 0:0|a/b/c 644 0:0 Fifo|a/d 700 0:0 Fifo|e/ 755 0:0",
            string.Join('|', entries.Select(Told))
        );
    }

    [TestMethod]
    [DataRow("a type=door", "line 1", "ITT1057")]
    [DataRow("#\na type=dir colour=red", "line 2", "ITT1057")]
    [DataRow("a type=dir uid=root", "line 1", "ITT1057")]
    [DataRow("a type=dir uname=root", "by name only", "ITT1057")]
    [DataRow("a type=dir mode=999", "line 1", "ITT1054")]
    [DataRow("a type=dir time=1.1000000000", "time", "ITT1057")]
    [DataRow("a type=char device=3", "MAJOR", "ITT1057")]
    [DataRow("..", "root", "ITT1057")]
    [DataRow("./../a type=dir", "..", "ITT1057")]
    [DataRow("a\\q type=dir", "escape", "ITT1057")]
    [DataRow("a type=file", "not in the folder", "ITT1058")]
    [DataRow("a mode=644", "not in the folder", "ITT1058")]
    [DataRow("a type=link", "link=", "ITT1058")]
    [DataRow("a type=block", "device=", "ITT1058")]
    [DataRow("there type=dir", "is a file", "ITT1058")]
    [DataRow("there/below type=dir", "there", "ITT1059")]
    public void A_specification_that_does_not_fit_is_refused(string text, string words, string code)
    {
        File.WriteAllText(_folder["root/there"], "");

        var refused = Assert.ThrowsExactly<ImageTarException>(() => Pack(new PackingRules { Spec = Spec(text) }));

        Assert.AreEqual(code, refused.Diagnostic.Code, refused.Message);
        Assert.Contains(words, refused.Message);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    [RequiresProgram("bsdtar")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void A_specification_that_bsdtar_wrote_and_one_it_reads_say_the_same_here_and_there()
    {
        File.WriteAllText(_folder["root/a file"], "1");
        File.WriteAllText(_folder["root/d/ü#"], "2");
        File.CreateSymbolicLink(_folder["root/d/link"], "to here");
        File.SetUnixFileMode(_folder["root/a file"], (UnixFileMode)Convert.ToInt32("4711", 8));
        Run(
            "bsdtar",
            "-cf",
            _folder["spec"],
            "--format=mtree",
            "--options=mtree:!all,mode,type,uid,gid,time,link,size,sha256",
            "-C",
            _folder["root"],
            "."
        );

        // What bsdtar makes of its own specification, beside what is made of it here.
        Run("bsdtar", "-cf", _folder["theirs.tar"], "--format=pax", "-C", _folder["root"], "@" + _folder["spec"]);
        var ours = Entries(new PackingRules { Spec = MtreeSpec.Read(_folder["spec"]) });
        var theirs = LayerTar.Entries(File.ReadAllBytes(_folder["theirs.tar"]));

        string Whole(TarEntry entry) =>
            Told(entry).Replace("./", "", StringComparison.Ordinal) + " " + entry.ModificationTime;
        Assert.AreEqual(
            string.Join('\n', theirs.Select(Whole).Order(StringComparer.Ordinal)),
            string.Join('\n', ours.Select(Whole).Order(StringComparer.Ordinal))
        );
    }

    private MtreeSpec Spec(string text) => MtreeSpec.Parse(_folder["spec"], Encoding.UTF8.GetBytes(text));

    private static string Told(TarEntry entry)
    {
        var more = entry.Kind switch
        {
            TarEntryKind.File or TarEntryKind.Directory => "",
            TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice =>
                $" {entry.Kind} {entry.DeviceMajor},{entry.DeviceMinor}",
            TarEntryKind.SymbolicLink => $" {entry.Kind} →{entry.LinkName.ToText()}",
            _ => $" {entry.Kind}",
        };
        return $"{entry.Name.ToText()} {Convert.ToString(entry.Mode, 8)} {entry.Uid}:{entry.Gid}{more}";
    }

    private List<TarEntry> Entries(PackingRules rules, params string[] modes) =>
        [.. LayerTar.Entries(Pack(rules, modes))];

    private byte[] Pack(PackingRules rules, params string[] modes)
    {
        Directory.CreateDirectory(_folder["root"]);
        return Pack(rules, modes, _folder["root"]);
    }

    private static byte[] Pack(PackingRules rules, string[] modes, string? root)
    {
        using var tar = new MemoryStream();
        var all = rules with { Modes = [.. modes.Select(mode => ModeRule.Parse("Chmod", mode)), .. rules.Modes] };
        var writer = new TarWriter(tar);
        new FolderPacker(writer, new TarTime(77), all).Pack(root, CancellationToken.None);
        writer.Finish();
        return tar.ToArray();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, program);
    }
}
