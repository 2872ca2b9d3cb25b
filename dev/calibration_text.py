"""What the server speaks to itself to calibrate a voice, as it is written: `python -m dev.calibration_text`.

The command turns it into phonemes and writes them to wyoming_kokoro/calibration_sentences.py. All of it was written
for this project: answers of a home, questions, lists, prose, and lines that are dense in one sound. None of it is
what speed or quality is measured with, which a test holds.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from wyoming_kokoro.errors import TextError
from wyoming_kokoro.text.normalize import normalize
from wyoming_kokoro.text.phonemize import Phonemizers

TARGET = Path(__file__).parent.parent / "wyoming_kokoro" / "calibration_sentences.py"

# A line is what a client sends at once: mostly one sentence, at most two short ones.

_ENGLISH = """\
Done.
All right.
Good night, sleep well.
Sorry, I did not catch that.
The hall light is on.
Playing the radio.
It is a quarter to nine.
Here you go.
Nothing is planned for today.
The heating has been turned down.
Your alarm is set for half past six.
Somebody left the fridge open.
Is there anything else?
The vacuum cleaner is stuck under the sofa.
Rain starts in about ten minutes.
The speaker in the study does not respond.
The oven has reached two hundred degrees.
Who is at the gate?
Watch out, the path is icy this morning!
The dishwasher will be finished in forty minutes, and the dryer a little later.
There are no new messages, but you missed a call from the garage.
Shall I open the roof window, or would you rather keep it closed?
Tonight will be clear and cold, with a low of minus three and hardly any wind.
The solar panels made nine kilowatt hours today, which is more than the house has used.
Your flight leaves at eleven twenty from gate fourteen; please allow an hour for the queue.
I found three recipes for pumpkin soup, two of them without cream.
The living room is at twenty one degrees, the bedroom at eighteen, and the cellar at twelve.
Because its battery is low, the carbon monoxide sensor will chirp until you replace it.
You have walked eight thousand steps so far, so a short stroll after dinner would do.
Nobody had watered the ferns for weeks, yet they were greener than ever.
A brown dog slept in the shade of the wagon.
My uncle keeps bees on the roof of the old town hall.
The judge asked both of them to stand up and speak more loudly.
She folded the letter twice and hid it in a jar of buttons.
Cheese should be kept cool, but not too cold, or it loses its taste.
Through the thick fog we could just make out the shape of a church.
He thought the thief had thrown the other key into the thorny hedge.
Measure the width of the shelf before you order a new one.
Voices rose and fell behind the heavy green curtain.
Fifty five fresh figs were found in the fruit basket.
We zigzagged up the hill, dizzy from the heat and the noise of cicadas.
Mother made marmalade from seven small lemons.
Big blue bubbles burst above the bath.
Peter pulled the cart up to the top of the path.
Take two tablets with a glass of water, twice a day, for ten days.
Could the quick clerk correct the account by Christmas?
Gather the goats again before it gets dark.
Long spring evenings bring songs along the riverbank.
Would you wait while we wash the windows on the west side?
You used to sell yellow yarn by the yard.
Rare red roses ran wild around the ruined tower.
Little Lily lost her lilac ladle in the lake.
How high the houses on the hill behind the harbor are!
Chairs and church benches were chopped up to keep the furnace going.
Jane's orange jacket and gym shoes are in the large cage by the bridge.
The usual pleasure of a leisurely journey is its vision of distant places.
Ash and shells washed ashore in such a rush that she should have shouted.
Under the sun, nothing much comes of running from trouble.
Boys enjoy noisy toys, but avoid boiling oil.
Now the brown cow is bound to go down to town.
Each evening he eats three pieces of peach with cream.
It is a pity that this little ship will sink in six minutes.
They say the train to Spain may be delayed again.
Get ten pens ready and check the second shelf on the left.
That black cat sat on a plaid hat at the back of the cab.
Father parked the large car in a dark yard far from the farm.
All autumn the tall author walked along the lawn and talked.
No one knows how old the stone road over the moor is.
Good cooks put sugar in the pudding, if they could, by the hook full.
Soon the new moon will move through the blue room.
Birds were first to turn and return to the burnt earth.
Why might the five wise knights fight in the night?
An arithmetic teacher from the island explained that every triangle hides a surprise.
When the storm was over, the fishermen pulled their boats out of the water, counted the holes, and went to look for tar.
The museum opens at nine, closes at five, and is free on the first Sunday of every month.
To reset the device, hold the button for ten seconds, let go, and wait until the light turns green.
In the middle of the nineteenth century, thousands of people left their villages and crossed the ocean in search of land.
The committee did not agree on the budget, so the decision has been postponed until the end of next week.
If it is still raining at noon, we will have lunch inside; otherwise there is a table for six under the chestnut tree.
Scientists have found that octopuses can taste with their arms, open jars from the inside, and remember people they dislike.
He paused, looked at the clock, and said very quietly that it was time to leave.
Bring the milk to a boil, stir in the semolina, and let it thicken over a low heat for five minutes.
Three things matter in a garden: light, water, and patience.
Whoever borrowed the ladder is kindly asked to return it, because the gutters are overflowing.
Oh no, not again!
Really? That is wonderful news.
Wait, what was the name of that song?
Hmm, let me think about that.
Stop it at once, or I shall call your sister!
Great, thank you so much, see you on Saturday!
Turn left, then right, then straight ahead for two miles.
Movement was detected in the driveway at three fourteen in the morning.
Air quality is good, pollen is low, and the ultraviolet index is four.
The kettle, the toaster and the coffee machine are all off.
I will remind you in an hour.
Okay, the bedroom blinds are going down.
The package should arrive between two and four in the afternoon.
There is a traffic jam on the northern ring road, so leave a little earlier than usual.
Once upon a time there lived, at the edge of a deep forest, a miller who had nothing left but his mill and a great apple tree behind it.
Water boils sooner on a mountain, since the air up there presses less upon its surface.
A photograph of the entire crew, taken shortly before they sailed, still hangs above the bar.
Zebras graze lazily, as is usual in the dry season.
The answer is no.
Monday.
Twenty two percent.
Kitchen, please.
Certainly, one moment.
Welcome home.
The front door is locked.
All lights are off.
Did the plumber say when he will come back, or should we phone him?
I bought onions, carrots, celery, a bunch of parsley and some cheap red wine.
The ferry was late; nobody on the pier seemed to mind.
What on earth happened to the vase in the dining room?
Congratulations, you have finished all of your tasks for the week!
Sunset is at nineteen minutes to nine, and the moon will be nearly full.
My grandmother never locked her bicycle, and it was never stolen.
The humidity in the bathroom has been above eighty percent since six, so the fan is running.
How many ounces are there in a pound and a half?
Joyce employed a royal decoy to annoy the boisterous boy with the oily toy.
Even the youngest pupils could recite the whole poem, backwards if you asked them nicely.
Please don't feed the pigeons, however hungry they may look.
Would you like me to add batteries, light bulbs and a new mop to the list?
The river had frozen from bank to bank, and children were skating where the boats used to be.
Your daughter's violin lesson was cancelled; the teacher has a fever.
Water the tomatoes twice a week, early in the morning, and keep the leaves dry.
It's cheaper by bus, but the tram gets there sooner.
At the far end of the market, a man with a silver beard was mending clocks.
Hooray, our team has won by two goals!
Treasure hunters, surveyors and the occasional television crew visit the ruins every year.
The cat went out at ten past three and has not been seen by any camera since.
Where did you put the pair of scissors that I gave you yesterday?
He owed forty thousand dollars to a bank, a brother, and a butcher called Arthur.
A kilometer is shorter than a mile, yet it feels longer when you walk uphill.
Several churches in the region were built of pure white marble, which the poorer farmers had carried there.
I'm sorry, the weather service isn't answering; shall I try once more in a minute?
The director's vision was unusual: no music, no dialogue, and hardly any color.
Good heavens, look at the size of that mushroom!
Sort the laundry, then wash the woolen things by hand in lukewarm water.
Better late than never, said the butler, and set a little table for eight.
Uh oh, the button on the bottom of the heater has gotten stuck.
Perhaps.
"Not yet," she whispered, "but soon… very soon."
The kitchen (and only the kitchen) is warm — at last!
"""

_SPANISH = """\
Sí.
Hecho.
Buenas noches, que descanses.
La verja del jardín sigue abierta.
¿Qué hora es?
Perdona, no te he entendido.
He apagado la luz del pasillo.
Son las siete menos cuarto.
El horno ya ha llegado a doscientos grados.
¿Quieres que cierre también las ventanas del salón?
No hay mensajes nuevos, pero tienes una llamada perdida de tu hermana.
Mañana lloverá por la tarde, así que llévate el paraguas.
¡Cuidado, el suelo de la cocina está mojado!
La lavadora terminará dentro de veinticinco minutos.
He añadido leche, huevos, queso y cebollas a la lista de la compra.
El autobús número nueve sale a las ocho y diez desde la plaza mayor.
Jaime jugaba al ajedrez con los viejos del barrio.
El perro de San Roque no tiene rabo, dicen los niños.
Una cigüeña había hecho su nido en la torre de la iglesia.
¿Por qué ríes siempre que llueve?
Los zapatos azules están debajo de la cama; los rojos, en el armario.
El médico me recomendó caminar, beber más agua y dormir ocho horas.
¡Qué maravilla, ya han florecido los almendros!
El queso manchego se corta en cuñas finas.
En un rincón del taller, el carpintero guardaba clavos, tornillos y llaves oxidadas.
La guitarra sonaba lejos, al otro lado del río.
Hay tres toallas limpias en el baño de arriba.
Ayer vimos un zorro junto a la carretera.
El aeropuerto queda a cuarenta kilómetros, y el tráfico hoy es muy lento.
Nadie supo jamás quién había pintado aquel mural tan enorme.
Cuando terminó la guerra, muchas familias volvieron a sus pueblos y encontraron las casas vacías.
Gira a la derecha después del puente, luego sigue recto.
El volumen está al treinta por ciento.
¿Has visto mis gafas?
Las abejas vuelan de flor en flor buscando néctar.
Mi tío Joaquín fabrica quesos de oveja en un valle muy verde.
Si tienes frío, puedo subir la calefacción un par de grados.
El niño enseñó a su abuela un dibujo con montañas, peces y un dragón.
Pon a hervir el agua, echa la sal y espera a que burbujee.
Hoy es jueves, doce de octubre.
La azotea está llena de macetas.
No funciona.
El cartero dejó un paquete para usted en la conserjería.
Los científicos observaron durante meses el comportamiento de los murciélagos.
¡Feliz cumpleaños, Begoña!
Faltan dos semanas, cuatro días y unas cuantas horas para las vacaciones.
La yegua blanca trotaba por el campo sin rumbo.
Compré un kilo de uvas, medio de higos y una sandía enorme.
¿Dónde está la llave del buzón?
Aunque parezca mentira, el reloj de la estación funciona mejor que el mío.
El chocolate caliente con churros es el mejor remedio contra la pereza.
Un hombre bajito, con bigote y sombrero, preguntaba por la calle del Pez.
De acuerdo.
El ascensor se ha parado entre el segundo y el tercer piso.
He puesto una alarma para las seis y media.
Gracias por avisar; enseguida lo reviso.
Los guantes de lana pican un poco, pero abrigan muchísimo.
La exposición abre de martes a domingo, excepto los días festivos.
Había una vez, en un bosque oscuro, una bruja que solo sabía hacer buñuelos.
Llegaremos tarde si no encontramos aparcamiento cerca del teatro.
El jardín huele a jazmín, a hierba fresca y a tierra mojada.
Ningún inglés tenga en cuenta ese anuncio, gritó un guarda con guasa.
Hay seis aulas vacías, un auto en la calle y mucho aire fresco en agosto.
Tengo un gato gris que juega con globos y gruñe cuando oye la aspiradora.
¡Yo ya voy!
"""

_FRENCH = """\
Oui.
C'est fait.
Bonne nuit, dormez bien.
Pardon, je n'ai pas compris.
Quelle heure est-il ?
La lumière du couloir est éteinte.
Il est huit heures moins le quart.
Le four a atteint deux cents degrés.
Voulez-vous que je ferme aussi les volets du salon ?
Aucun nouveau message, mais votre frère a appelé deux fois.
Demain, il pleuvra dans l'après-midi ; prenez un parapluie.
Attention, le trottoir est verglacé !
Le lave-vaisselle aura fini dans vingt-cinq minutes.
J'ai ajouté du beurre, des œufs et un kilo de farine à la liste.
Le train de Lyon part à neuf heures dix, voie quatre.
Un bon vin blanc accompagne très bien le poisson.
Ma tante élève des chèvres dans un village de montagne.
Qui a laissé la porte du réfrigérateur ouverte ?
Le juge a longuement interrogé le jeune témoin.
Quel bonheur, les cerisiers sont en fleurs !
Les hiboux sortent à la tombée de la nuit.
Elle rangea ses gants, son écharpe et son parapluie dans l'armoire du vestibule.
Une petite pluie fine tombait depuis l'aube sur les toits d'ardoise.
Tournez à gauche après le pont, puis continuez tout droit.
Le volume est à trente pour cent.
As-tu vu mes lunettes ?
Les abeilles bourdonnent autour du chèvrefeuille.
Huit huîtres cuites suffisent, dit Louis.
Le chauffage est coupé jusqu'à lundi matin.
Chaque dimanche, mon grand-père jouait de l'accordéon sous le tilleul de la place.
Quelqu'un a sonné au portail, il y a cinq minutes.
Le cinéma du quartier passe un vieux film ce soir.
La cuisine sentait le pain grillé, le café et la confiture de mûres.
Faites bouillir le lait, versez la semoule et remuez pendant cinq minutes.
Nous sommes jeudi, le onze novembre.
Le grenier est rempli de vieux journaux.
Impossible.
Le facteur a déposé un colis chez la gardienne.
Des chercheurs ont observé pendant un an les chauves-souris d'une vieille ferme en ruine.
Joyeux anniversaire, Agnès !
Il reste trois jours, deux nuits et quelques heures avant les vacances.
Le cheval gris galopait au bord de l'étang.
Où est la clé de la boîte aux lettres ?
Bien qu'elle soit très ancienne, cette horloge n'a jamais pris une minute de retard.
Un homme en manteau brun cherchait la rue des Rosiers.
D'accord.
L'ascenseur est bloqué entre le deuxième et le troisième étage.
Votre réveil sonnera à six heures et demie.
Merci de m'avoir prévenu ; je vérifie tout de suite.
Les gants de laine grattent un peu, mais ils tiennent chaud.
Le musée ouvre du mardi au dimanche, sauf les jours fériés.
Il était une fois une reine qui ne savait cuire que des œufs.
Nous serons en retard si personne ne nous emmène à la gare.
Le jardin embaume le jasmin, l'herbe coupée et la terre humide.
Vraiment ? Quelle bonne surprise !
Deux peureux jeûnaient dans le creux d'un chêne.
Il faut que tu ailles voir le médecin dès lundi.
Le brouillard se lève lentement sur la vallée, et l'on entend déjà sonner les cloches.
Les panneaux solaires ont produit plus que la maison n'a consommé.
Samedi, les cousins viendront déjeuner avec un énorme gâteau aux noisettes.
La campagne est magnifique en automne, surtout quand les vignes rougissent.
L'agneau grignote des châtaignes près de la vigne du seigneur.
Le parking du camping est plein, mais le gardien trouvera une place pour vous.
"""

_HINDI = """\
हाँ।
हो गया।
शुभ रात्रि, आराम से सोइए।
माफ़ कीजिए, मैं समझा नहीं।
अभी कितने बजे हैं?
बरामदे की बत्ती बुझा दी गई है।
अभी पौने आठ बजे हैं।
चूल्हा गरम हो चुका है।
क्या मैं बैठक की खिड़कियाँ भी बंद कर दूँ?
कोई नया संदेश नहीं है, लेकिन आपकी बहन ने दो बार फ़ोन किया था।
कल दोपहर में बारिश होगी, इसलिए छाता ले जाइए।
सावधान, फ़र्श गीला है!
कपड़े धोने की मशीन पच्चीस मिनट में रुक जाएगी।
मैंने दूध, अंडे, प्याज़ और एक किलो आटा सूची में जोड़ दिया है।
दिल्ली की रेलगाड़ी नौ बजकर दस मिनट पर चौथे प्लेटफ़ॉर्म से छूटेगी।
मेरे चाचा पहाड़ के पास भेड़ें पालते हैं।
फ्रिज का दरवाज़ा किसने खुला छोड़ दिया?
न्यायाधीश ने युवा गवाह की बात ध्यान से सुनी।
वाह, आम के पेड़ों पर बौर आ गया है!
काली बिल्ली दीवार पर, फूलों के गमले के पास सो रही थी।
दादी ने दस्ताने, मफ़लर और चश्मा एक पुराने डिब्बे में रख दिए।
सुबह से गाँव की छतों पर हल्की फुहार पड़ रही थी।
पुल के बाद बाएँ मुड़िए, फिर सीधे चलते जाइए।
आवाज़ तीस प्रतिशत पर है।
तुमने मेरी चाबियाँ देखी हैं?
मधुमक्खियाँ चमेली के चारों ओर भनभना रही हैं।
ढोल की धुन पर ठाकुर का घोड़ा भी झूमने लगा।
सोमवार की सुबह तक हीटर बंद रहेगा।
हर रविवार दादाजी बरगद के नीचे बाँसुरी बजाते थे।
पाँच मिनट पहले किसी ने घंटी बजाई थी।
आज सिनेमाघर में एक पुरानी फ़िल्म लगी है।
रसोई से चाय, भुनी रोटी और आम के अचार की ख़ुशबू आ रही थी।
दूध उबालिए, सूजी डालिए और पाँच मिनट तक चलाते रहिए।
आज गुरुवार है, ग्यारह नवंबर।
अटारी पुराने अख़बारों से भरी है।
असंभव।
डाकिया पड़ोसन के यहाँ एक पार्सल छोड़ गया है।
वैज्ञानिकों ने एक साल तक पुरानी चक्की के चमगादड़ों पर नज़र रखी।
जन्मदिन मुबारक हो, अर्जुन!
छुट्टियों में अब तीन दिन, दो रातें और कुछ घंटे बाक़ी हैं।
सफ़ेद घोड़ा झील के किनारे दौड़ रहा था।
डाक के डिब्बे की चाबी कहाँ है?
बहुत पुरानी होने पर भी यह घड़ी कभी एक मिनट पीछे नहीं हुई।
मूँछों और टोपी वाला एक ठिगना आदमी फूलों वाली गली ढूँढ रहा था।
ठीक है।
लिफ़्ट दूसरी और तीसरी मंज़िल के बीच अटक गई है।
अलार्म साढ़े छह बजे बजेगा।
बताने के लिए धन्यवाद; मैं अभी देखता हूँ।
ऊन के दस्ताने थोड़े चुभते हैं, मगर गरम रखते हैं।
संग्रहालय मंगलवार से रविवार तक खुलता है, त्योहारों को छोड़कर।
एक समय की बात है, एक रानी थी जिसे सिर्फ़ खिचड़ी पकाना आता था।
अगर जगह न मिली तो हम नाटक में देर से पहुँचेंगे।
बग़ीचे में गीली मिट्टी, कटी घास और रातरानी की महक है।
सच? कितनी अच्छी ख़बर है!
घाटी में धुंध धीरे-धीरे उठ रही है, और मंदिर की घंटियाँ सुनाई देने लगी हैं।
छत के सौर पैनलों ने घर के ख़र्च से ज़्यादा बिजली बनाई।
शनिवार को भाई-बहन नारियल की बड़ी मिठाई लेकर आएँगे।
युद्ध ख़त्म हुआ तो बहुत से परिवार गाँव लौटे, और घर ख़ाली मिले।
झगड़ा छोड़ो, बैठो और ठंडा शरबत पियो।
भारी ट्रकों की वजह से सड़क पर गड्ढे पड़ गए हैं।
ऋषि ने शिष्य को ज्ञान, विज्ञान और क्षमा का अर्थ समझाया।
खाने में पनीर, कढ़ी, भिंडी और थोड़ा-सा दही है।
जलेबी गरम है या ठंडी?
क़लम, काग़ज़ और क़ालीन सब ग़ायब हैं।
संगीत की भाषा में न सीमा है, न शर्त; बस लय, रंग और उमंग।
"""

_ITALIAN = """\
Sì.
Fatto.
Buonanotte, dormi bene.
Scusa, non ho capito.
Che ore sono?
La luce del corridoio è spenta.
Sono le otto meno un quarto.
Il forno ha raggiunto i duecento gradi.
Vuoi che chiuda anche le finestre del soggiorno?
Non ci sono messaggi nuovi, ma tua sorella ha chiamato due volte.
Domani pioverà nel pomeriggio; prendi l'ombrello.
Attenzione, il marciapiede è ghiacciato!
La lavatrice finirà fra venticinque minuti.
Ho aggiunto latte, uova, zucchine e mezzo chilo di farina alla lista.
Il treno per Bologna parte alle nove e dieci dal binario quattro.
Mio zio alleva pecore in una valle vicino a Cuneo.
Chi ha lasciato aperto il frigorifero?
Il giudice ascoltò a lungo il giovane testimone.
Che meraviglia, i ciliegi sono già in fiore!
Gli gnocchi di patate piacciono a tutta la famiglia.
Lo sciatore scese veloce lungo la pista ghiacciata.
La nonna mise i guanti, la sciarpa e gli occhiali in una vecchia scatola di latta.
Una pioggia sottile cadeva dall'alba sui tetti rossi del paese.
Gira a sinistra dopo il ponte, poi prosegui dritto.
Il volume è al trenta per cento.
Hai visto le mie chiavi?
Le api ronzano intorno alla lavanda.
Nove navi nuove navigavano nella nebbia.
Il riscaldamento resta spento fino a lunedì mattina.
Ogni domenica il nonno suonava la fisarmonica sotto il grande tiglio della piazza.
Qualcuno ha suonato al cancello cinque minuti fa.
Stasera al cinema danno un vecchio film.
La cucina profumava di pane tostato, caffè e marmellata di albicocche.
Porta a ebollizione il latte, versa il semolino e mescola per cinque minuti.
Oggi è giovedì, undici novembre.
La soffitta è piena di vecchi giornali.
Impossibile.
Il postino ha lasciato un pacco dalla vicina.
Gli scienziati hanno osservato per un anno i pipistrelli di un vecchio mulino abbandonato.
Buon compleanno, Agnese!
Mancano tre giorni, due notti e qualche ora alle vacanze.
Il cavallo grigio galoppava lungo lo stagno.
Dov'è la chiave della cassetta delle lettere?
Benché sia antichissimo, quell'orologio non ha mai sbagliato un minuto.
Un uomo basso, con i baffi e il cappello, cercava via degli Zingari.
D'accordo.
L'ascensore si è fermato tra il secondo e il terzo piano.
La sveglia suonerà alle sei e mezza.
Grazie dell'avviso; controllo subito.
I guanti di lana pizzicano un po', ma tengono caldo.
Il museo apre dal martedì alla domenica, tranne nei giorni festivi.
C'era una volta una regina che sapeva cuocere soltanto le uova.
Arriveremo tardi se non troviamo parcheggio vicino al teatro.
Il giardino profuma di gelsomino, di erba tagliata e di terra bagnata.
Davvero? Che bella sorpresa!
Svegliati, sbrigati e scendi: il tassì aspetta da un quarto d'ora!
La pizza con i funghi costa otto euro, quella con il prosciutto nove.
La nebbia si alza piano sulla pianura, e già si sentono le campane.
I pannelli solari hanno prodotto più di quanto la casa abbia consumato.
Sabato verranno i cugini con un'enorme torta di nocciole.
Quando finì la guerra, molte famiglie tornarono nei villaggi e trovarono le case vuote.
Lo zio di Enzo ha uno zaino azzurro pieno di zanzare finte.
Che bagno di gala: lasagne, sciroppo, ananas e uno gnomo di marzapane!
"""

_PORTUGUESE = """\
Sim.
Pronto.
Boa noite, durma bem.
Desculpe, não entendi.
Que horas são?
A luz do corredor está apagada.
Faltam quinze minutos para as oito.
O forno já chegou a duzentos graus.
Quer que eu feche também as janelas da sala?
Não há mensagens novas, mas sua irmã ligou duas vezes.
Amanhã vai chover à tarde; leve o guarda-chuva.
Cuidado, o chão da cozinha está molhado!
A máquina de lavar termina em vinte e cinco minutos.
Coloquei leite, ovos, cebolas e um quilo de farinha na lista.
O ônibus para Campinas sai às nove e dez da plataforma quatro.
Meu tio cria ovelhas num vale perto da serra.
Quem deixou a geladeira aberta?
O juiz ouviu com atenção o jovem depoente.
Que maravilha, as cerejeiras já estão floridas!
O gato preto dormia em cima do muro, ao lado de um vaso de gerânios.
As crianças comeram pão de queijo, bolo de cenoura e doce de leite.
A avó guardou as luvas, o cachecol e os óculos numa velha caixa de lata.
Uma chuva fina caía desde cedo sobre os telhados da vila.
Vire à esquerda depois da ponte, depois siga em frente.
O volume está em trinta por cento.
Você viu as minhas chaves?
As abelhas zumbem em volta do jasmim.
João não comprou pães nem limões, mas trouxe cinco melões.
O aquecedor fica desligado até segunda de manhã.
Todo domingo, meu avô tocava sanfona debaixo da mangueira da praça.
Alguém tocou a campainha há cinco minutos.
O cinema do bairro passa um filme antigo hoje.
A cozinha cheirava a café, pão torrado e geleia de amora.
Ferva o leite, junte a semolina e mexa durante cinco minutos.
Hoje é quinta-feira, onze de novembro.
O sótão está cheio de jornais velhos.
Impossível.
O carteiro deixou um pacote com a vizinha.
Os cientistas observaram durante um ano os morcegos de um velho moinho abandonado.
Feliz aniversário, Inês!
Faltam três dias, duas noites e algumas horas para as férias.
O cavalo cinzento galopava à beira do lago.
Onde está a chave da caixa de correio?
Embora seja muito antigo, aquele relógio nunca atrasou nem um minuto.
Um homem baixinho, de bigode e chapéu, procurava a rua das Flores.
Tudo bem.
O elevador parou entre o segundo e o terceiro andar.
O despertador vai tocar às seis e meia.
Obrigada pelo aviso; vou verificar agora mesmo.
As luvas de lã coçam um pouco, mas esquentam bastante.
O museu abre de terça a domingo, exceto nos feriados.
Era uma vez uma rainha que só sabia cozinhar ovos.
Vamos chegar atrasados se não houver vaga perto do teatro.
O jardim cheira a jasmim, a grama cortada e a terra molhada.
Sério? Que bela surpresa!
O rato roeu a rolha da garrafa do rei, contam as crianças.
Há muita água no quintal, porque a calha entupiu de novo.
A neblina sobe devagar pelo vale, e já se ouvem os sinos.
Os painéis solares produziram mais do que a casa gastou.
No sábado vêm os primos, com um enorme bolo de castanha.
Quando a guerra acabou, muitas famílias voltaram às aldeias e encontraram as casas vazias.
"""

_JAPANESE = """\
はい。
できました。
おやすみなさい、よく眠ってください。
すみません、聞き取れませんでした。
今、何時ですか？
廊下の電気を消しました。
もうすぐ八時十五分前です。
オーブンは二百度になりました。
居間の窓も閉めましょうか？
新しいメッセージはありませんが、お姉さんから電話が二回ありました。
明日の午後は雨が降るので、傘を持って行ってください。
気をつけて、床が濡れています！
洗濯機はあと二十五分で終わります。
牛乳と卵、玉ねぎ、それから小麦粉一キロをリストに追加しました。
京都行きの電車は九時十分に四番線から出発します。
叔父は山のふもとで羊を飼っている。
冷蔵庫を開けっ放しにしたのは誰？
裁判官は若い証人の話をじっくり聞いた。
わあ、桜がもう咲いている！
黒い猫が塀の上で、植木鉢のそばに丸くなって眠っていた。
祖母は手袋とマフラーと眼鏡を古い缶にしまった。
朝から村の屋根に細かい雨が降り続いていた。
橋を渡ったら左に曲がり、そのまま真っ直ぐ進んでください。
音量は三十パーセントです。
私の鍵を見ませんでしたか？
蜂がラベンダーの周りをぶんぶん飛んでいる。
客が急に百人も来て、料理長は悲鳴を上げた。
暖房は月曜日の朝まで切れています。
日曜日になると、祖父は広場の大きな木の下で笛を吹いたものだ。
五分前に誰かが玄関のベルを鳴らしました。
今夜は近くの映画館で古い映画をやっています。
台所には、焼いたパンとコーヒーと苺ジャムの香りが漂っていた。
牛乳を沸かし、砂糖を入れて、五分間ゆっくりかき混ぜます。
今日は木曜日、十一月十一日です。
屋根裏は古い新聞でいっぱいです。
無理です。
郵便屋さんがお隣に荷物を預けました。
研究者たちは一年間、古い水車小屋のコウモリを観察した。
お誕生日おめでとう、健太！
休みまであと三日と二晩、それに数時間です。
白い馬が湖のほとりを駆けていった。
郵便受けの鍵はどこですか？
とても古い時計なのに、一分も遅れたことがない。
口ひげを生やした小柄な男が、花屋の通りを探していた。
了解です。
エレベーターが二階と三階の間で止まりました。
目覚ましは六時半に鳴ります。
教えてくれてありがとう。すぐに確認します。
毛糸の手袋は少しちくちくするけれど、とても暖かい。
博物館は火曜日から日曜日まで開いていますが、祝日は休みです。
昔々、あるところに、お粥しか作れないお姫様がいました。
駐車場が見つからなければ、芝居に遅れてしまう。
庭は、湿った土と刈った草の匂いがする。
本当？それは嬉しい驚きですね！
谷の霧がゆっくり晴れて、もう鐘の音が聞こえてくる。
太陽光パネルは、家で使った分より多く発電しました。
土曜日には、いとこたちが大きな栗のケーキを持って来る。
戦争が終わると、多くの家族が村に戻ったが、家は空っぽだった。
先生は病院で働き、夜は趣味のギターを弾いている。
ヴァイオリンとピアノとチェロの三重奏を、静かに流します。
ファックスは使えますが、フィルムの写真は現像できません。
旅館の女将は、にっこり笑って、温かいお茶を出してくれた。
ゼロから百まで、ゆっくり数えてごらん。
急行は一両目が女性専用車です。
ペンギンのパレードに、ピンクの風船がぽんぽん飛んだ。
ずっと静かな部屋で、雑誌と図鑑を少しずつ読んだ。
"""

_MANDARIN = """\
好。
完成了。
晚安，做个好梦。
对不起，我没听清楚。
现在几点了？
走廊的灯已经关了。
现在差一刻八点。
烤箱已经加热到两百度。
要不要把客厅的窗户也关上？
没有新消息，不过你姐姐打过两次电话。
明天下午有雨，出门请带伞。
小心，厨房的地板很滑！
洗衣机还要二十五分钟才能洗完。
我把牛奶、鸡蛋、洋葱和一公斤面粉加进了购物单。
去南京的火车九点十分从四号站台出发。
我叔叔在山脚下养了一群羊。
谁忘了关冰箱门？
法官仔细听完了年轻证人的话。
哇，樱花已经开了！
一只黑猫睡在墙头，旁边放着几盆茉莉。
奶奶把手套、围巾和眼镜收进一个旧铁盒。
从早上起，细雨就落在村子的屋顶上。
过了桥向左转，然后一直往前走。
音量是百分之三十。
你看见我的钥匙了吗？
蜜蜂围着薰衣草嗡嗡地飞。
四十四只石狮子，十四只在水池边。
暖气要关到星期一早上。
每个星期天，爷爷都在广场的大树下拉二胡。
五分钟以前有人按过门铃。
今晚附近的电影院放一部老电影。
厨房里飘着烤面包、咖啡和草莓酱的香味。
把牛奶煮开，加糖，再慢慢搅拌五分钟。
今天是星期四，十一月十一号。
阁楼上堆满了旧报纸。
不可能。
邮递员把包裹放在邻居家了。
科学家用一年的时间，观察旧磨坊里的蝙蝠。
祝你生日快乐，小军！
离放假还有三天两夜零几个小时。
白马沿着湖岸奔跑。
信箱的钥匙在哪儿？
这座钟虽然很旧，却从来没有慢过一分钟。
一个留着胡子的矮个子男人，正在打听花园街怎么走。
没问题。
电梯停在二楼和三楼之间。
闹钟六点半响。
谢谢你提醒；我马上检查。
羊毛手套有点儿扎手，可是非常暖和。
博物馆星期二到星期天开放，节假日除外。
从前有一位女王，她只会煮粥。
要是找不到停车位，我们看戏就要迟到了。
花园里有泥土、青草和桂花的香气。
真的？太让人高兴了！
山谷里的雾慢慢散去，远处已经传来钟声。
太阳能板今天发的电，比全家用掉的还多。
星期六，表哥表姐会带着一个大栗子蛋糕来。
战争结束以后，许多家庭回到村庄，却发现房子空空荡荡。
春天的风吹绿了草原，也吹皱了一池清水。
老师说，学习语言最重要的是勇气、耐心和练习。
穷人送给他一床棉被，他感动得说不出话来。
请选择一种颜色：红、橙、黄、绿、蓝或者紫。
他居然会吹口琴，拉小提琴，还能同时踢毽子！
绿色的旅行包里装着雨衣、略旧的军用水壶和两把刷子。
嘴角有颗痣的裁缝，三日之内改好了那件贵重的绸缎长裙。
"""

_TEXTS = {
    "en-US": _ENGLISH,
    "en-GB": _ENGLISH,  # the same, as the British say it
    "es-ES": _SPANISH,
    "fr-FR": _FRENCH,
    "hi-IN": _HINDI,
    "it-IT": _ITALIAN,
    "pt-BR": _PORTUGUESE,
    "ja-JP": _JAPANESE,
    "zh-CN": _MANDARIN,
}
WRITTEN: dict[str, tuple[str, ...]] = {tag: tuple(text.splitlines()) for tag, text in _TEXTS.items()}

_HEADER = '''"""What a voice is calibrated with in idle time: phonemes of sentences in its language. Only data.

Made by `python -m dev.calibration_text` from the text there, with this package's own phonemizers, so that none is
needed where it is used. To change a sentence, change its text and run that again.
"""

from __future__ import annotations

# BCP-47 tag, as `VoiceStore.language` and `Phonemizers` name it → phonemes that fit the model's context.
SENTENCES: dict[str, tuple[str, ...]] = {
'''
_MAX_WIDTH = 110  # ruff's line-length in pyproject.toml
_WORDS_RE = re.compile(r"\S+ ?")
_SOUNDLESS = str.maketrans("", "", "¿¡")  # espeak passes them on; the model has no symbol for them


def phonemize(language: str, phonemizers: Phonemizers) -> tuple[str, ...]:
    """The phonemes of a language's lines, in order. Raises `TextError` where its phonemizer is not installed."""
    phonemizer = phonemizers.for_language(language)
    return tuple(
        phonemizer.phonemize(normalize(line, language)).translate(_SOUNDLESS) for line in WRITTEN[language]
    )


def render(sentences: Mapping[str, tuple[str, ...]]) -> str:
    """The source of the module, as `ruff format` leaves it. sentences: phonemes by BCP-47 tag."""
    return "".join([_HEADER, *_entries(sentences), "}\n"])


def _entries(sentences: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for language, lines in sentences.items():
        yield f'    "{language}": (\n'
        for line in lines:
            yield from _literal(line)
        yield "    ),\n"


def _literal(phonemes: str) -> Iterator[str]:
    """A string, in parentheses and several pieces where it is too wide for a line."""
    assert not set(phonemes) & set('"\\'), phonemes
    if _width(phonemes) <= _MAX_WIDTH - len('        "",'):
        yield f'        "{phonemes}",\n'
        return
    pieces = [""]
    for word in _WORDS_RE.findall(phonemes):
        if _width(pieces[-1] + word) > _MAX_WIDTH - len('            ""'):
            pieces.append("")
        pieces[-1] += word
    yield "        (\n"
    yield from (f'            "{piece}"\n' for piece in pieces)
    yield "        ),\n"


def _width(text: str) -> int:
    """In columns: a nasal vowel's tilde takes none."""
    return sum(not unicodedata.combining(char) for char in text)


def main() -> None:
    """Writes the module anew."""
    phonemizers = Phonemizers()
    try:
        sentences = {language: phonemize(language, phonemizers) for language in WRITTEN}
    except TextError as error:
        sys.exit(str(error))
    TARGET.write_text(render(sentences), encoding="utf-8")
    for language, lines in sentences.items():
        print(f"{language}: {len(lines)} sentences, {sum(map(len, lines))} phonemes")


if __name__ == "__main__":
    main()
